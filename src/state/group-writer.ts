import { nameKey } from '#contract/names.ts';
import type { StateTransaction } from './state.ts';

export async function insertGroup(
  tx: StateTransaction,
  group: { readonly id: string; readonly name: string },
  now: number,
): Promise<void> {
  await tx
    .insertInto('groups')
    .values({ ...group, nameKey: nameKey(group.name), secondFactor: 0, createdAt: now })
    .execute();
}

/** Makes these the members of the group. Returns true when anything changed. */
export async function replaceGroupUsers(
  tx: StateTransaction,
  groupId: string,
  userIds: readonly string[],
): Promise<boolean> {
  const rows = await tx.selectFrom('group_users').select('userId').where('groupId', '=', groupId).execute();
  const existing = new Set(rows.map((row) => row.userId));
  const wanted = new Set(userIds);
  const gone = [...existing].filter((id) => !wanted.has(id));
  const fresh = [...wanted].filter((id) => !existing.has(id));
  if (gone.length > 0)
    await tx.deleteFrom('group_users').where('groupId', '=', groupId).where('userId', 'in', gone).execute();
  if (fresh.length > 0)
    await tx
      .insertInto('group_users')
      .values(fresh.map((userId) => ({ groupId, userId })))
      .execute();
  return gone.length > 0 || fresh.length > 0;
}

/** Whether every member must have a second factor. Returns true when that changed. */
export async function setGroupSecondFactor(
  tx: StateTransaction,
  groupId: string,
  isRequired: boolean,
): Promise<boolean> {
  const wanted = isRequired ? 1 : 0;
  const done = await tx
    .updateTable('groups')
    .set({ secondFactor: wanted })
    .where('id', '=', groupId)
    .where('secondFactor', '<>', wanted)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Deletes the group by name, and the memberships with it. Returns false when there is none. */
export async function deleteGroup(tx: StateTransaction, name: string): Promise<boolean> {
  const done = await tx.deleteFrom('groups').where('nameKey', '=', nameKey(name)).executeTakeFirst();
  return done.numDeletedRows > 0n;
}
