import { nameKey } from '#contract/names.ts';
import type { Group } from '#contract/resources/group.ts';
import type { StateReader } from './state.ts';

/** Groups with their members, ordered by name; with a name, that group alone. */
export async function readGroups(db: StateReader, name?: string): Promise<readonly Group[]> {
  let query = db.selectFrom('groups').selectAll().orderBy('nameKey');
  if (name !== undefined) query = query.where('nameKey', '=', nameKey(name));
  const rows = await query.execute();
  const members = await db
    .selectFrom('group_users')
    .innerJoin('users', 'users.id', 'group_users.userId')
    .select(['group_users.groupId', 'users.username'])
    .orderBy('users.usernameKey')
    .execute();
  const byGroup = Map.groupBy(members, (one) => one.groupId);
  return rows.map((row) => ({
    name: row.name,
    users: (byGroup.get(row.id) ?? []).map((one) => one.username),
    secondFactor: row.secondFactor !== 0,
    createdAt: row.createdAt,
  }));
}
