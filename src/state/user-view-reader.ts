import { nameKey } from '#contract/names.ts';
import type { User, UserKey } from '#contract/resources/user.ts';
import type { UserRow } from './schema.ts';
import type { StateReader } from './state.ts';

/** Users as the API shows them, ordered by name; with a name, that user alone. */
export async function readUserViews(
  db: StateReader,
  now: number,
  username?: string,
): Promise<readonly User[]> {
  let query = db.selectFrom('users').selectAll().orderBy('usernameKey');
  if (username !== undefined) query = query.where('usernameKey', '=', nameKey(username));
  const rows = await query.execute();
  let members = db
    .selectFrom('group_users')
    .innerJoin('groups', 'groups.id', 'group_users.groupId')
    .select(['group_users.userId', 'groups.name'])
    .orderBy('groups.nameKey');
  if (username !== undefined) members = members.where('group_users.userId', '=', rows[0]?.id ?? '');
  const memberships = await members.execute();
  const locked = await db
    .selectFrom('locks')
    .select('targetKey')
    .where('targetKind', '=', 'user')
    .where('endedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
    .execute();
  const groups = Map.groupBy(memberships, (one) => one.userId);
  const lockedKeys = new Set(locked.map((one) => one.targetKey));
  return rows.map((row) =>
    userView(
      row,
      (groups.get(row.id) ?? []).map((one) => one.name),
      !lockedKeys.has(row.usernameKey),
    ),
  );
}

function userView(row: UserRow, groups: string[], isActive: boolean): User {
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    email: row.email,
    kind: row.kind,
    roles: JSON.parse(row.roles) as User['roles'],
    groups,
    language: row.language as User['language'],
    hasPassword: row.passwordHash !== null,
    isActive,
    createdAt: row.createdAt,
  };
}

export async function readUserKeyViews(db: StateReader, userId: string): Promise<UserKey[]> {
  const rows = await db
    .selectFrom('user_keys')
    .select(['algorithm', 'fingerprint', 'comment', 'suspended', 'createdAt'])
    .where('userId', '=', userId)
    .orderBy('createdAt')
    .orderBy('fingerprint')
    .execute();
  return rows.map((row) => ({ ...row, suspended: row.suspended !== 0 }));
}

/** Names of the users who hold the role admin and are not locked: the last of them must stay. */
export async function readActiveAdmins(db: StateReader, now: number): Promise<readonly string[]> {
  const users = await readUserViews(db, now);
  return users.filter((user) => user.isActive && user.roles.includes('admin')).map((user) => user.username);
}
