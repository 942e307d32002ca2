import { PortcullisError } from '#contract/errors.ts';
import type { Lock } from '#contract/resources/lock.ts';
import type { Containment } from '#contract/resources/session.ts';
import { objectionToLock } from '#state/administrator-guard.ts';
import type { NewLock, Services } from '../services.ts';
import { addressOf, type Caller } from './caller.ts';

/**
 * Adds a lock that the caller asked for and owns. Whether it leaves an administrator is asked in the transaction
 * that stores it, so two at once cannot take the last two. Throws E_LAST_ADMIN.
 */
export async function addLockKeepingAnAdministrator(
  { locks, clock, policy }: Pick<Services, 'locks' | 'clock' | 'policy'>,
  caller: Caller,
  wanted: Omit<NewLock, 'owner' | 'address'>,
): Promise<{ readonly lock: Lock; readonly containment: Containment }> {
  const lock: NewLock = { ...wanted, owner: caller.name, ...addressOf(caller) };
  const added = await locks.addUnless(lock, (tx) => objectionToLock(tx, clock(), lock));
  if ('refused' in added) throw new PortcullisError('E_LAST_ADMIN', added.refused);
  policy.policyChanged();
  return added;
}
