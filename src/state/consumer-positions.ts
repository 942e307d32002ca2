import type { StateReader, StateTransaction } from './state.ts';

/** How far each consumer of the stream has come. A consumer that is not known yet is at 0: the beginning. */
export async function readPosition(db: StateReader, name: string): Promise<number> {
  const row = await db.selectFrom('consumers').select('position').where('name', '=', name).executeTakeFirst();
  return row?.position ?? 0;
}

/**
 * Moves a consumer forward, in the transaction that also stores what it made of the entries. A position
 * never goes back: a second instance that is behind changes nothing.
 */
export async function commitPosition(
  tx: StateTransaction,
  name: string,
  position: number,
  now: number,
): Promise<void> {
  await tx
    .insertInto('consumers')
    .values({ name, position, updatedAt: now })
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((eb) => ({
          position: eb.ref('excluded.position'),
          updatedAt: eb.ref('excluded.updatedAt'),
        }))
        .whereRef('excluded.position', '>', 'consumers.position'),
    )
    .execute();
}

/** The position that every one of these consumers has passed: up to here the stream may be trimmed. */
export async function lowestPosition(db: StateReader, names: readonly string[]): Promise<number> {
  if (names.length === 0) return 0;
  const rows = await db.selectFrom('consumers').select('position').where('name', 'in', names).execute();
  if (rows.length < names.length) return 0;
  return Math.min(...rows.map((row) => row.position));
}
