import { nameKey } from '#contract/names.ts';
import type { AccessFacts } from '#domain/access/decide.ts';
import { findLock } from '#domain/access/locks.ts';
import type { KnownUser, UserDirectory } from '#state/user-reader.ts';

/** Whether this user is an administrator and no other administrator could log in instead. */
export async function isLastAdministrator(
  user: KnownUser,
  users: UserDirectory,
  facts: AccessFacts,
): Promise<boolean> {
  if (user.kind !== 'person' || !user.roles.includes('admin')) return false;
  const names = await users.administrators();
  const userLocks = facts.locks.filter((lock) => lock.targetKind === 'user');
  return !names.some((username) => {
    if (nameKey(username) === nameKey(user.username)) return false;
    const subject = { username, groups: [], address: '', keyFingerprint: null };
    const at = { asset: null, account: null, session: null };
    return findLock(userLocks, { ...subject, ...at }, facts.nowMs) === undefined;
  });
}
