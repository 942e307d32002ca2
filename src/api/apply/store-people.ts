import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import { newId } from '#lib/ids.ts';
import { rememberAppliedPassword } from '#state/applied-passwords.ts';
import { insertGroup, replaceGroupUsers, setGroupSecondFactor } from '#state/group-writer.ts';
import type { UserRow } from '#state/schema.ts';
import type { StateTransaction } from '#state/state.ts';
import { insertUser, replaceUserKeys, setPasswordHash, updateUser } from '#state/user-writer.ts';
import type { Changes } from './changes.ts';
import type { PasswordPlan } from './plan-passwords.ts';
import type { PreparedDocument, PreparedUser } from './prepare-document.ts';

export async function storeUsers(
  tx: StateTransaction,
  users: readonly PreparedUser[],
  plans: ReadonlyMap<string, PasswordPlan>,
  changes: Changes,
  now: number,
): Promise<void> {
  const rows = users.length === 0 ? [] : await tx.selectFrom('users').selectAll().execute();
  const existing = new Map(rows.map((row) => [row.usernameKey, row]));
  for (const user of users) {
    const key = nameKey(user.input.username);
    const row = existing.get(key);
    if (row === undefined) await createUser(tx, user, plans.get(key), changes, now);
    else await changeUser(tx, row, user, plans.get(key), changes, now);
  }
}

async function createUser(
  tx: StateTransaction,
  { input, keys }: PreparedUser,
  plan: PasswordPlan | undefined,
  changes: Changes,
  now: number,
): Promise<void> {
  const id = newId(now);
  const passwordHash = plan === undefined ? null : 'set' in plan ? plan.set : plan.keep;
  await insertUser(
    tx,
    {
      id,
      username: input.username,
      name: input.name ?? '',
      email: input.email ?? null,
      kind: input.kind ?? 'person',
      roles: input.roles ?? ['user'],
      language: input.language ?? 'en',
      passwordHash,
      secondFactor: input.secondFactor ?? false,
    },
    now,
  );
  if (passwordHash !== null) await rememberAppliedPassword(tx, id, passwordHash);
  if (keys !== undefined) await replaceUserKeys(tx, id, keys, now);
  changes.created('user', input.username);
}

async function changeUser(
  tx: StateTransaction,
  row: UserRow,
  { input, keys, path }: PreparedUser,
  plan: PasswordPlan | undefined,
  changes: Changes,
  now: number,
): Promise<void> {
  if (input.kind !== undefined && input.kind !== row.kind)
    throw new PortcullisError('E_CONFLICT', `${row.username} is a ${row.kind}, which cannot be changed.`, {
      problems: [{ path: `${path}.kind`, message: `is ${row.kind}; delete the user first` }],
    });
  const fields: string[] = [];
  const differs = (field: string, given: unknown, current: unknown): boolean => {
    if (given === undefined || given === current) return false;
    fields.push(field);
    return true;
  };
  const roles = input.roles === undefined ? undefined : JSON.stringify(input.roles);
  const values = {
    ...(differs('name', input.name, row.name) ? { name: input.name ?? '' } : {}),
    ...(differs('email', input.email, row.email) ? { email: input.email ?? null } : {}),
    ...(differs('roles', roles, row.roles) ? { roles: input.roles ?? [] } : {}),
    ...(differs('language', input.language, row.language) ? { language: input.language ?? 'en' } : {}),
    ...(differs('secondFactor', input.secondFactor, row.secondFactor !== 0)
      ? { secondFactor: input.secondFactor ?? false }
      : {}),
  };
  if (fields.length > 0) await updateUser(tx, row.id, values, now);
  if (keys !== undefined && (await replaceUserKeys(tx, row.id, keys, now))) fields.push('publicKeys');
  if (plan !== undefined) {
    if ('set' in plan) {
      await setPasswordHash(tx, row.id, plan.set, now);
      changes.audit.passwordChanged(row.username);
      fields.push('password');
    }
    await rememberAppliedPassword(tx, row.id, 'set' in plan ? plan.set : plan.keep);
  }
  changes.compared('user', row.username, fields);
}

export async function storeGroups(
  tx: StateTransaction,
  groups: PreparedDocument['groups'],
  changes: Changes,
  now: number,
): Promise<void> {
  if (groups.length === 0) return;
  const users = await tx.selectFrom('users').select(['id', 'usernameKey']).execute();
  const idOf = new Map(users.map((user) => [user.usernameKey, user.id]));
  const rows = await tx.selectFrom('groups').selectAll().execute();
  const existing = new Map(rows.map((row) => [row.nameKey, row]));
  for (const group of groups) {
    const row = existing.get(nameKey(group.name));
    const id = row?.id ?? newId(now);
    if (row === undefined) await insertGroup(tx, { id, name: group.name }, now);
    const members = group.users?.map((name) => idOf.get(nameKey(name)) ?? '');
    const fields: string[] = [];
    if (members !== undefined && (await replaceGroupUsers(tx, id, members))) fields.push('users');
    const { secondFactor } = group;
    if (secondFactor !== undefined && (await setGroupSecondFactor(tx, id, secondFactor)))
      fields.push('secondFactor');
    if (row === undefined) changes.created('group', group.name);
    else changes.compared('group', row.name, fields);
  }
}
