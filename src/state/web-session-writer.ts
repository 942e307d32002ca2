import type { StateTransaction } from './state.ts';

/** Ends every web session of a user. Returns how many there were. */
export async function endUserWebSessions(tx: StateTransaction, userId: string, now: number): Promise<number> {
  const ended = await tx
    .updateTable('web_sessions')
    .set({ endedAt: now })
    .where('userId', '=', userId)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  return Number(ended.numUpdatedRows);
}

/** Ends one web session of a user. Returns false when it had ended already, or is not theirs. */
export async function endWebSession(
  tx: StateTransaction,
  of: { readonly id: string; readonly userId: string },
  now: number,
): Promise<boolean> {
  const ended = await tx
    .updateTable('web_sessions')
    .set({ endedAt: now })
    .where('id', '=', of.id)
    .where('userId', '=', of.userId)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  return ended.numUpdatedRows > 0n;
}
