import { makeEvent } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { SessionRow } from '#state/schema.ts';
import type { EmitEvent, State, StateTransaction } from '#state/state.ts';

/** Why a session ended. Stable words, in rows and events. */
export type EndReason =
  | 'client'
  | 'asset'
  | 'terminated'
  | 'idle'
  | 'limit'
  | 'recording'
  | 'command'
  | 'permission'
  | 'stream'
  | 'connect'
  | 'shutdown'
  | 'protocol'
  | 'crash';

export type NewSession = Omit<SessionRow, 'endedAt' | 'endReason' | 'protocol'>;

/** Stores the row. Says whether the user had no session on the asset before, as far as rows are kept. */
export async function insertSession(state: State, session: NewSession): Promise<{ firstVisit: boolean }> {
  return state.transact(async (tx) => {
    const before = tx
      .selectFrom('sessions')
      .select('id')
      .where('userId', '=', session.userId)
      .where('asset', '=', session.asset)
      .limit(1)
      .executeTakeFirst();
    const inserted = tx
      .insertInto('sessions')
      .values({ ...session, protocol: 'ssh', endedAt: null, endReason: null })
      .execute();
    const [earlier] = await Promise.all([before, inserted]);
    return { firstVisit: earlier === undefined };
  });
}

/** Closes the row and tells it, in one transaction. A session that is closed already stays as it is. */
export async function closeSession(
  state: State,
  id: string,
  reason: EndReason,
  endedAt: number,
): Promise<void> {
  await state.transact(async (tx, emit) => {
    const row = await tx
      .selectFrom('sessions')
      .selectAll()
      .where('id', '=', id)
      .where('endedAt', 'is', null)
      .executeTakeFirst();
    if (row !== undefined) await close(tx, emit, row, reason, endedAt);
  });
}

/**
 * Sessions that were open on this node when the process ended without closing them: ended by a crash, at the
 * time at which that is found out. Call once, before the first connection is accepted.
 */
export async function closeCrashedSessions(state: State, node: string, clock: Clock): Promise<number> {
  return state.transact(async (tx, emit) => {
    const open = await tx
      .selectFrom('sessions')
      .selectAll()
      .where('node', '=', node)
      .where('endedAt', 'is', null)
      .execute();
    for (const row of open) await close(tx, emit, row, 'crash', clock());
    return open.length;
  });
}

async function close(
  tx: StateTransaction,
  emit: EmitEvent,
  row: SessionRow,
  reason: EndReason,
  endedAt: number,
): Promise<void> {
  await tx.updateTable('sessions').set({ endedAt, endReason: reason }).where('id', '=', row.id).execute();
  emit(
    makeEvent('session.ended', derivedId('session.ended', row.id), endedAt, {
      user: row.username,
      address: row.address,
      port: row.port,
      asset: row.asset,
      account: row.account,
      session: row.id,
      outcome: reason === 'crash' ? 'unknown' : 'success',
      data: { reason, durationMs: Math.max(0, endedAt - row.startedAt) },
    }),
  );
}
