import { nameKey } from '#contract/names.ts';
import type { Lock } from '#contract/resources/lock.ts';
import { parseIpAddress, parseIpRange, rangeContains } from '#lib/ip.ts';

/** What a lock can hit: somebody at the door (asset and session still null), a channel, or a live session. */
export interface LockSubject {
  readonly username: string;
  readonly groups: readonly string[];
  readonly address: string;
  readonly keyFingerprint: string | null;
  readonly asset: string | null;
  readonly account: string | null;
  readonly session: string | null;
}

/** False once the lock has expired: expiry needs no writer to take effect. */
export function isLockInForce(lock: Lock, nowMs: number): boolean {
  return lock.expiresAt === null || nowMs < lock.expiresAt;
}

/** Whether the lock is aimed at the subject. Says nothing about expiry. */
export function lockMatches(lock: Lock, subject: LockSubject): boolean {
  switch (lock.targetKind) {
    case 'user':
      return nameKey(lock.target) === nameKey(subject.username);
    case 'group':
      return subject.groups.some((group) => nameKey(group) === nameKey(lock.target));
    case 'asset':
      return subject.asset !== null && nameKey(lock.target) === nameKey(subject.asset);
    case 'account':
      return accountMatches(lock.target, subject);
    case 'address':
      return isAddressIn(lock.target, subject.address);
    case 'key':
      return lock.target === subject.keyFingerprint;
    case 'session':
      return lock.target === subject.session;
    case 'gateway':
      return true;
    case 'foreign-user':
      // Kept by a connector elsewhere; who has the same name here is somebody else.
      return false;
    default:
      return lock.targetKind satisfies never;
  }
}

/** The first lock in force that hits the subject; undefined when none does. */
export function findLock(locks: readonly Lock[], subject: LockSubject, nowMs: number): Lock | undefined {
  return locks.find((lock) => isLockInForce(lock, nowMs) && lockMatches(lock, subject));
}

/**
 * Whether an address lies in an address or CIDR range, for uses that must fail closed: an address nobody can
 * read is taken to lie in every range, a range nobody can read holds only its own text.
 */
export function isAddressIn(rangeText: string, addressText: string): boolean {
  const range = parseIpRange(rangeText);
  if (range === undefined) return rangeText === addressText;
  const address = parseIpAddress(addressText);
  return address === undefined || rangeContains(range, address);
}

function accountMatches(target: string, subject: LockSubject): boolean {
  if (subject.asset === null || subject.account === null) return false;
  return nameKey(target) === nameKey(`${subject.account}@${subject.asset}`);
}
