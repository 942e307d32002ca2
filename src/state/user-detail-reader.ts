import type { StateReader } from './state.ts';

/** What is known around a user beyond `readUserViews`. Times are epoch milliseconds. */
export interface UserDetail {
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly updatedAt: number;
  readonly passwordChangedAt: number | null;
  /** When the last session was opened. */
  readonly lastSessionAt: number | null;
  readonly tokenUsedAt: number | null;
  readonly hasKeys: boolean;
}

/** Details by user id; of one user alone when an id is given. */
export async function readUserDetails(
  db: StateReader,
  userId?: string,
): Promise<ReadonlyMap<string, UserDetail>> {
  let users = db.selectFrom('users').select(['id', 'updatedAt', 'passwordChangedAt']);
  let memberships = db
    .selectFrom('group_users')
    .innerJoin('groups', 'groups.id', 'group_users.groupId')
    .select(['group_users.userId', 'groups.id', 'groups.name'])
    .orderBy('groups.nameKey');
  let sessions = db
    .selectFrom('sessions')
    .select((eb) => ['userId', eb.fn.max('startedAt').as('last')])
    .groupBy('userId');
  let tokens = db
    .selectFrom('tokens')
    .select((eb) => ['userId', eb.fn.max('lastUsedAt').as('last')])
    .groupBy('userId');
  let keys = db.selectFrom('user_keys').select('userId').distinct();
  if (userId !== undefined) {
    users = users.where('id', '=', userId);
    memberships = memberships.where('group_users.userId', '=', userId);
    sessions = sessions.where('userId', '=', userId);
    tokens = tokens.where('userId', '=', userId);
    keys = keys.where('userId', '=', userId);
  }
  const [userRows, memberRows, sessionRows, tokenRows, keyRows] = await Promise.all([
    users.execute(),
    memberships.execute(),
    sessions.execute(),
    tokens.execute(),
    keys.execute(),
  ]);
  const groups = Map.groupBy(memberRows, (row) => row.userId);
  const lastSessions = new Map(sessionRows.map((row) => [row.userId, row.last]));
  const lastTokens = new Map(tokenRows.map((row) => [row.userId, row.last]));
  const withKeys = new Set(keyRows.map((row) => row.userId));
  return new Map(
    userRows.map(({ id, updatedAt, passwordChangedAt }) => [
      id,
      {
        groups: (groups.get(id) ?? []).map((row) => ({ id: row.id, name: row.name })),
        updatedAt,
        passwordChangedAt,
        lastSessionAt: lastSessions.get(id) ?? null,
        tokenUsedAt: lastTokens.get(id) ?? null,
        hasKeys: withKeys.has(id),
      },
    ]),
  );
}
