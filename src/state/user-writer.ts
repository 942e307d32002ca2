import type { Language, Role } from '#contract/resources/user.ts';
import { nameKey } from '#contract/names.ts';
import { forgetAppliedPassword } from './applied-passwords.ts';
import type { StateTransaction } from './state.ts';
import { endUserWebSessions } from './web-session-writer.ts';

export interface NewUser {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  readonly email: string | null;
  readonly kind: 'person' | 'service';
  readonly roles: readonly Role[];
  readonly language: Language;
  readonly passwordHash: string | null;
  /** Whether a second factor is demanded. */
  readonly secondFactor?: boolean;
}

/** Creates the user. A name that exists already, in any case, fails as a violated unique key. */
export async function insertUser(tx: StateTransaction, user: NewUser, now: number): Promise<void> {
  await tx
    .insertInto('users')
    .values({
      ...user,
      usernameKey: nameKey(user.username),
      roles: JSON.stringify(user.roles),
      secondFactor: user.secondFactor === true ? 1 : 0,
      passwordChangedAt: user.passwordHash === null ? null : now,
      createdAt: now,
      updatedAt: now,
    })
    .execute();
}

export interface UserChanges {
  readonly name?: string;
  readonly email?: string | null;
  readonly roles?: readonly Role[];
  readonly language?: Language;
  readonly secondFactor?: boolean;
}

export async function updateUser(
  tx: StateTransaction,
  userId: string,
  changes: UserChanges,
  now: number,
): Promise<void> {
  const { roles, secondFactor, ...rest } = changes;
  await tx
    .updateTable('users')
    .set({
      ...rest,
      ...(roles === undefined ? {} : { roles: JSON.stringify(roles) }),
      ...(secondFactor === undefined ? {} : { secondFactor: secondFactor ? 1 : 0 }),
      updatedAt: now,
    })
    .where('id', '=', userId)
    .execute();
}

/** Sets the password, or with null removes it: then nobody can log in with one. Ends every web session of the user. */
export async function setPasswordHash(
  tx: StateTransaction,
  userId: string,
  passwordHash: string | null,
  now: number,
): Promise<void> {
  await tx
    .updateTable('users')
    .set({ passwordHash, passwordChangedAt: now, updatedAt: now })
    .where('id', '=', userId)
    .execute();
  await endUserWebSessions(tx, userId, now);
}

export interface NewUserKey {
  readonly id: string;
  readonly algorithm: string;
  readonly fingerprint: string;
  readonly blob: string;
  readonly comment: string;
}

/**
 * Makes these the keys of the user. A key that stays keeps its row, so a suspended key stays suspended.
 * Returns true when anything changed.
 */
export async function replaceUserKeys(
  tx: StateTransaction,
  userId: string,
  keys: readonly NewUserKey[],
  now: number,
): Promise<boolean> {
  const existing = await tx
    .selectFrom('user_keys')
    .select(['id', 'fingerprint'])
    .where('userId', '=', userId)
    .execute();
  const wanted = new Map(keys.map((key) => [key.fingerprint, key]));
  const gone = existing.filter((row) => !wanted.has(row.fingerprint)).map((row) => row.id);
  for (const row of existing) wanted.delete(row.fingerprint);
  if (gone.length > 0) await tx.deleteFrom('user_keys').where('id', 'in', gone).execute();
  const fresh = [...wanted.values()].map((key) => ({ ...key, userId, suspended: 0, createdAt: now }));
  if (fresh.length > 0) await tx.insertInto('user_keys').values(fresh).execute();
  return gone.length > 0 || fresh.length > 0;
}

/** Deletes the user; keys, tokens, memberships and recoveries go with the row. Sessions and recordings stay. */
export async function deleteUser(tx: StateTransaction, userId: string): Promise<void> {
  await forgetAppliedPassword(tx, userId);
  await tx.deleteFrom('users').where('id', '=', userId).execute();
}
