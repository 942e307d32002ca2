import { nameKey } from '#contract/names.ts';
import type { Lock } from '#contract/resources/lock.ts';
import type { Services } from '../services.ts';
import { addressOf, type Caller } from './caller.ts';

/** Ends, for the caller, these locks as far as they are still in force. Gives those that it ended. */
export async function endLocks(
  { locks, policy }: Pick<Services, 'locks' | 'policy'>,
  caller: Caller,
  which: readonly Pick<Lock, 'id'>[],
  reason: string,
): Promise<Lock[]> {
  const ended: Lock[] = [];
  for (const { id } of which) {
    const lock = await locks.end(id, { by: caller.name, ...addressOf(caller), reason });
    if (lock !== undefined) ended.push(lock);
  }
  policy.policyChanged();
  return ended;
}

/** The locks in force on this user by name: not those on a group, an address or a key that concern them as well. */
export async function locksOnUser(
  { locks }: Pick<Services, 'locks'>,
  username: string,
): Promise<readonly Lock[]> {
  const key = nameKey(username);
  return (await locks.inForce()).filter((lock) => lock.targetKind === 'user' && nameKey(lock.target) === key);
}
