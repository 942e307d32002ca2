import { PortcullisError } from '#contract/errors.ts';
import type { Lock } from '#contract/resources/lock.ts';
import type { Containment } from '#contract/resources/session.ts';
import { objectionToLock } from '#state/administrator-guard.ts';
import type { NewLock, Services } from '../services.ts';

/**
 * Adds a lock that a person asked for. Whether it leaves an administrator is asked in the transaction that
 * stores it, so two at once cannot take the last two. Throws E_LAST_ADMIN.
 */
export async function addLockKeepingAnAdministrator(
  { locks, clock }: Pick<Services, 'locks' | 'clock'>,
  lock: NewLock,
): Promise<{ readonly lock: Lock; readonly containment: Containment }> {
  const added = await locks.addUnless(lock, (tx) => objectionToLock(tx, clock(), lock));
  if ('refused' in added) throw new PortcullisError('E_LAST_ADMIN', added.refused);
  return added;
}
