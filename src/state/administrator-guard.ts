import { PortcullisError } from '#contract/errors.ts';
import {
  type Administrator,
  type AdministratorsLeft,
  administratorsLeft,
  type AimedLock,
  lastAdministrators,
} from '#domain/access/administrators.ts';
import type { LockTargetKind } from '#contract/resources/lock.ts';
import type { StateReader, StateTransaction } from './state.ts';

/**
 * Does the work, and refuses it when there was an active administrator before and there is none after: then
 * only the socket of the server would be left. Throws E_LAST_ADMIN.
 */
export async function keepAnAdministrator<T>(
  tx: StateTransaction,
  now: number,
  work: () => Promise<T>,
): Promise<T> {
  const before = await readAdministratorsLeft(tx, now);
  const done = await work();
  const last = lastAdministrators(before, await readAdministratorsLeft(tx, now));
  if (last !== undefined) throw lastAdministratorError(last);
  return done;
}

/** Why the lock would leave no active administrator; null when it leaves one. To be asked in the transaction that stores it. */
export async function objectionToLock(
  tx: StateTransaction,
  now: number,
  lock: AimedLock,
): Promise<string | null> {
  const { before, after } = await readAdministratorsUnder(tx, now, lock);
  const last = lastAdministrators(before, after);
  return last === undefined ? null : lastAdministratorError(last).message;
}

/** Administrators who can act now, and those who could if the lock were in force as well. */
export async function readAdministratorsUnder(
  db: StateReader,
  now: number,
  lock: AimedLock,
): Promise<{ readonly before: AdministratorsLeft; readonly after: AdministratorsLeft }> {
  const [administrators, locks] = await Promise.all([readAdministrators(db, now), readLocks(db, now)]);
  return {
    before: administratorsLeft(administrators, locks),
    after: administratorsLeft(administrators, [...locks, lock]),
  };
}

async function readAdministratorsLeft(db: StateReader, now: number): Promise<AdministratorsLeft> {
  return administratorsLeft(await readAdministrators(db, now), await readLocks(db, now));
}

function lastAdministratorError(last: readonly string[]): PortcullisError {
  return new PortcullisError(
    'E_LAST_ADMIN',
    `This would leave no active administrator; ${last.join(', ')} ${last.length === 1 ? 'is the last' : 'are the last'}. Make another one first.`,
  );
}

async function readLocks(db: StateReader, now: number): Promise<readonly AimedLock[]> {
  const rows = await db
    .selectFrom('locks')
    .select(['targetKind', 'target'])
    .where('targetKind', 'in', ['user', 'group', 'key'])
    .where('endedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
    .execute();
  return rows.map((row) => ({ targetKind: row.targetKind as LockTargetKind, target: row.target }));
}

async function readAdministrators(db: StateReader, now: number): Promise<readonly Administrator[]> {
  const rows = await db
    .selectFrom('users')
    .select(['id', 'username', 'kind', 'roles', 'passwordHash'])
    .where('roles', 'like', '%"admin"%')
    .orderBy('usernameKey')
    .execute();
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const readingGroups = db
    .selectFrom('group_users')
    .innerJoin('groups', 'groups.id', 'group_users.groupId')
    .select(['group_users.userId', 'groups.name'])
    .where('group_users.userId', 'in', ids)
    .execute();
  const readingKeys = db
    .selectFrom('user_keys')
    .select(['userId', 'fingerprint'])
    .where('userId', 'in', ids)
    .where('suspended', '=', 0)
    .execute();
  const readingTokens = db
    .selectFrom('tokens')
    .select('userId')
    .where('userId', 'in', ids)
    .where('revokedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', now)]))
    .execute();
  const [groups, keys, tokens] = await Promise.all([readingGroups, readingKeys, readingTokens]);
  const withToken = new Set(tokens.map((token) => token.userId));
  return rows.map(({ id, username, kind, passwordHash }) => ({
    username,
    kind,
    groups: groups.filter((one) => one.userId === id).map((one) => one.name),
    hasPassword: passwordHash !== null,
    hasToken: withToken.has(id),
    keys: keys.filter((one) => one.userId === id).map((one) => one.fingerprint),
  }));
}
