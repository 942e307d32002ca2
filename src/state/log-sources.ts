import { nameKey } from '#contract/names.ts';
import type { LogSourceRow } from './schema.ts';
import type { StateReader, StateTransaction } from './state.ts';

/** Which lines are of a source. See LogSourceRow. */
export type SourceLines = Pick<LogSourceRow, 'address' | 'host' | 'app'>;

export interface NewLogSource extends SourceLines {
  readonly id: string;
  readonly name: string;
  readonly realm: string;
  /** Null for one that was only seen. */
  readonly confirmedBy: string | null;
}

/** What came of a source since it was last noted. */
export interface SourceCounts {
  readonly messages: number;
  readonly failures: number;
  readonly ratePerMinute: number;
  readonly lastAt: number;
  readonly types: ReadonlyMap<string, number>;
}

/** Of one source; further ones are not counted. */
const MOST_TYPES = 50;

export async function readLogSources(db: StateReader): Promise<readonly LogSourceRow[]> {
  return db.selectFrom('log_sources').selectAll().orderBy('nameKey').execute();
}

export async function findLogSource(db: StateReader, name: string): Promise<LogSourceRow | undefined> {
  return db.selectFrom('log_sources').selectAll().where('nameKey', '=', nameKey(name)).executeTakeFirst();
}

/** False when there is a source with that name or with those lines already. */
export async function insertLogSource(
  tx: StateTransaction,
  source: NewLogSource,
  nowMs: number,
): Promise<boolean> {
  const row: LogSourceRow = {
    ...source,
    nameKey: nameKey(source.name),
    confirmedAt: source.confirmedBy === null ? null : nowMs,
    createdAt: nowMs,
    lastAt: null,
    messages: 0,
    failures: 0,
    ratePerMinute: 0,
    types: '{}',
  };
  const done = await tx
    .insertInto('log_sources')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** Its word counts from now on. */
export async function confirmLogSource(
  tx: StateTransaction,
  id: string,
  how: { readonly realm: string; readonly by: string; readonly nowMs: number },
): Promise<void> {
  await tx
    .updateTable('log_sources')
    .set({ realm: how.realm, confirmedAt: how.nowMs, confirmedBy: how.by })
    .where('id', '=', id)
    .execute();
}

export async function deleteLogSource(tx: StateTransaction, id: string): Promise<void> {
  await tx.deleteFrom('log_sources').where('id', '=', id).execute();
}

/** Adds what came. A source that was forgotten meanwhile stays forgotten. */
export async function noteSourceCounts(
  tx: StateTransaction,
  counts: ReadonlyMap<string, SourceCounts>,
): Promise<void> {
  for (const [id, one] of counts) {
    const row = await tx.selectFrom('log_sources').select('types').where('id', '=', id).executeTakeFirst();
    if (row === undefined) continue;
    const types = new Map(Object.entries(JSON.parse(row.types) as Record<string, number>));
    for (const [type, count] of one.types)
      if (types.has(type) || types.size < MOST_TYPES) types.set(type, (types.get(type) ?? 0) + count);
    await tx
      .updateTable('log_sources')
      .set((eb) => ({
        messages: eb('messages', '+', one.messages),
        failures: eb('failures', '+', one.failures),
        ratePerMinute: one.ratePerMinute,
        lastAt: one.lastAt,
        types: JSON.stringify(Object.fromEntries(types)),
      }))
      .where('id', '=', id)
      .execute();
  }
}
