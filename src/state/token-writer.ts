import type { StateTransaction } from './state.ts';
import { endUserWebSessions } from './web-session-writer.ts';

export interface NewToken {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  /** Of an access key: its secret, sealed. */
  readonly sealed?: string;
  readonly expiresAt: number | null;
}

export async function insertToken(tx: StateTransaction, token: NewToken, now: number): Promise<void> {
  await tx
    .insertInto('tokens')
    .values({ sealed: null, ...token, createdAt: now, lastUsedAt: null, revokedAt: null })
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
  const webSessions = await endUserWebSessions(tx, userId, now);
  return { tokens: Number(tokens.numUpdatedRows), webSessions };
}

/** Revokes the oldest tokens of this name, so that no more than `keep` are left. */
export async function revokeOldestTokens(
  tx: StateTransaction,
  of: { readonly userId: string; readonly name: string; readonly keep: number },
  now: number,
): Promise<void> {
  const rows = await tx
    .selectFrom('tokens')
    .select('id')
    .where('userId', '=', of.userId)
    .where('name', '=', of.name)
    .where('revokedAt', 'is', null)
    .where('expiresAt', '>', now)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
  const tooMany = rows.slice(of.keep).map((row) => row.id);
  if (tooMany.length > 0)
    await tx.updateTable('tokens').set({ revokedAt: now }).where('id', 'in', tooMany).execute();
}

export async function touchToken(tx: StateTransaction, tokenId: string, now: number): Promise<void> {
  await tx.updateTable('tokens').set({ lastUsedAt: now }).where('id', '=', tokenId).execute();
}
