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
    .select(['group_users.userId', 'groups.name', 'groups.secondFactor'])
    .orderBy('groups.nameKey');
  if (username !== undefined) members = members.where('group_users.userId', '=', rows[0]?.id ?? '');
  const memberships = await members.execute();
  const enrolled = await db.selectFrom('second_factors').select('userId').execute();
  const locked = await db
    .selectFrom('locks')
    .select('targetKey')
    .where('targetKind', '=', 'user')
    .where('endedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
    .execute();
  const groups = Map.groupBy(memberships, (one) => one.userId);
  const lockedKeys = new Set(locked.map((one) => one.targetKey));
  const enrolledIds = new Set(enrolled.map((one) => one.userId));
  return rows.map((row) =>
    userView(row, {
      groups: groups.get(row.id) ?? [],
      isActive: !lockedKeys.has(row.usernameKey),
      isEnrolled: enrolledIds.has(row.id),
    }),
  );
}

function userView(
  row: UserRow,
  about: {
    readonly groups: readonly { readonly name: string; readonly secondFactor: number }[];
    readonly isActive: boolean;
    readonly isEnrolled: boolean;
  },
): User {
  const { groups, isActive, isEnrolled } = about;
  return {
    id: row.id,
    username: row.username,
    name: row.name,
    email: row.email,
    kind: row.kind,
    roles: JSON.parse(row.roles) as User['roles'],
    groups: groups.map((one) => one.name),
    language: row.language as User['language'],
    hasPassword: row.passwordHash !== null,
    secondFactor: {
      enrolled: isEnrolled,
      required: row.secondFactor !== 0 || groups.some((one) => one.secondFactor !== 0),
    },
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
