import type { Lock } from '#contract/resources/lock.ts';
import { findLock, isLockInForce, lockMatches, type LockSubject } from '#domain/access/locks.ts';
import type { Clock } from '#lib/time.ts';

/**
 * The locks in force, in memory, so that whoever holds live connections can ask without waiting. Who wants no
 * gap registers a connection first and asks afterwards: a lock that arrives in between finds it registered.
 */
export class LockBook {
  readonly #clock: Clock;
  #locks: readonly Lock[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Puts the complete set in the place of the former one. */
  replace(locks: readonly Lock[]): void {
    this.#locks = locks;
  }

  /** Locks that have not expired, as they were given. */
  inForce(): readonly Lock[] {
    const now = this.#clock();
    return this.#locks.filter((lock) => isLockInForce(lock, now));
  }

  /** The first lock that keeps the subject from opening anything; every mode does. */
  denying(subject: LockSubject): Lock | undefined {
    return findLock(this.#locks, subject, this.#clock());
  }

  /** The first lock that ends what the subject has open. */
  cutting(subject: LockSubject): Lock | undefined {
    return this.#find('cut', subject);
  }

  /** The first lock under which what the subject types is held back. */
  freezing(subject: LockSubject): Lock | undefined {
    return this.#find('freeze', subject);
  }

  #find(mode: Lock['mode'], subject: LockSubject): Lock | undefined {
    const now = this.#clock();
    return this.#locks.find(
      (lock) => lock.mode === mode && isLockInForce(lock, now) && lockMatches(lock, subject),
    );
  }
}
