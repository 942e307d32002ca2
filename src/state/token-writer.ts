import type { StateTransaction } from './state.ts';

export interface NewToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  readonly expiresAt: number | null;
}

export async function insertToken(tx: StateTransaction, token: NewToken, now: number): Promise<void> {
  await tx
    .insertInto('tokens')
    .values({ ...token, createdAt: now, lastUsedAt: null, revokedAt: null })
    .execute();
}

/** Revokes one token. Returns false when it was not valid any more. */
export async function revokeToken(tx: StateTransaction, tokenId: string, now: number): Promise<boolean> {
  const done = await tx
    .updateTable('tokens')
    .set({ revokedAt: now })
    .where('id', '=', tokenId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Revokes every token of a user and ends every web session. Returns how many there were. */
export async function revokeUserTokens(
  tx: StateTransaction,
  userId: string,
  now: number,
): Promise<{ readonly tokens: number; readonly webSessions: number }> {
  const tokens = await tx
    .updateTable('tokens')
    .set({ revokedAt: now })
    .where('userId', '=', userId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst();
  const sessions = await tx
    .updateTable('web_sessions')
    .set({ endedAt: now })
    .where('userId', '=', userId)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  return { tokens: Number(tokens.numUpdatedRows), webSessions: Number(sessions.numUpdatedRows) };
}

export async function touchToken(tx: StateTransaction, tokenId: string, now: number): Promise<void> {
  await tx.updateTable('tokens').set({ lastUsedAt: now }).where('id', '=', tokenId).execute();
}
