import type { ForeignContainmentRow } from '#state/schema.ts';
import type { StateReader, StateTransaction } from '#state/state.ts';
import type { Connector, ForeignUser } from '../connectors/connector.ts';

/**
 * Notes what is about to be done, and what was there before. Where another containment of the same person is
 * not over, what was there is what it had found.
 */
export async function noteContainment(
  tx: StateTransaction,
  lockId: string,
  connector: Connector,
  user: ForeignUser,
  nowMs: number,
): Promise<void> {
  const other = await tx
    .selectFrom('foreign_containments')
    .select('wasActive')
    .where('connector', '=', connector.name)
    .where('userId', '=', user.id)
    .where('state', '!=', 'over')
    .orderBy('createdAt')
    .executeTakeFirst();
  await tx
    .insertInto('foreign_containments')
    .values({
      lockId,
      connector: connector.name,
      userId: user.id,
      organisation: user.organisation,
      username: user.username,
      wasActive: other?.wasActive ?? (user.isActive ? 1 : 0),
      state: 'applying',
      outcome: null,
      createdAt: nowMs,
      updatedAt: nowMs,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function readContainment(
  db: StateReader,
  lockId: string,
): Promise<ForeignContainmentRow | undefined> {
  return db.selectFrom('foreign_containments').selectAll().where('lockId', '=', lockId).executeTakeFirst();
}

export async function setContainment(
  tx: StateTransaction,
  lockId: string,
  change: Pick<ForeignContainmentRow, 'state' | 'outcome' | 'updatedAt'>,
): Promise<void> {
  await tx.updateTable('foreign_containments').set(change).where('lockId', '=', lockId).execute();
}
