import type { Token } from '#contract/resources/token.ts';
import type { TokenRow } from './schema.ts';
import type { StateReader } from './state.ts';

/** The token with this hash and its owner; undefined when there is none. Says nothing about validity. */
export async function findTokenByHash(
  db: StateReader,
  hash: string,
): Promise<(TokenRow & { readonly username: string }) | undefined> {
  return db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.userId')
    .selectAll('tokens')
    .select('users.username')
    .where('tokens.hash', '=', hash)
    .executeTakeFirst();
}

/** The access key with this id; undefined when there is none. Says nothing about validity. */
export async function findAccessKey(
  db: StateReader,
  id: string,
): Promise<(TokenRow & { readonly sealed: string }) | undefined> {
  const row = await db.selectFrom('tokens').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined || row.sealed === null ? undefined : { ...row, sealed: row.sealed };
}

/** Tokens and access keys that are valid, newest first; with a user, theirs alone. */
export async function readTokens(db: StateReader, now: number, userId?: string): Promise<readonly Token[]> {
  let query = db
    .selectFrom('tokens')
    .innerJoin('users', 'users.id', 'tokens.userId')
    .select([
      'tokens.id',
      'users.username',
      'tokens.name',
      'tokens.sealed',
      'tokens.createdAt',
      'tokens.expiresAt',
      'tokens.lastUsedAt',
    ])
    .where('tokens.revokedAt', 'is', null)
    .where((eb) => eb.or([eb('tokens.expiresAt', 'is', null), eb('tokens.expiresAt', '>', now)]))
    .orderBy('tokens.createdAt', 'desc')
    .orderBy('tokens.id', 'desc');
  if (userId !== undefined) query = query.where('tokens.userId', '=', userId);
  const rows = await query.execute();
  return rows.map(({ sealed, ...row }) => ({ ...row, kind: sealed === null ? 'token' : 'access-key' }));
}
