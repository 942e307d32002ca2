import type { LockTargetKind } from '#contract/resources/lock.ts';
import { nameKey } from '#contract/names.ts';

/** A user with the role admin, and what they could log in with. */
export interface Administrator {
  readonly username: string;
  readonly kind: 'person' | 'service';
  readonly groups: readonly string[];
  readonly hasPassword: boolean;
  readonly hasToken: boolean;
  /** Fingerprints of the keys that are not suspended. */
  readonly keys: readonly string[];
}

export interface AimedLock {
  readonly targetKind: LockTargetKind;
  readonly target: string;
}

/** Who holds the role and could use it. */
export interface AdministratorsLeft {
  /** Persons who could log in: not locked, with a credential that works. */
  readonly people: readonly string[];
  /** Everybody who is not locked, service users and those without a credential included. */
  readonly all: readonly string[];
}

/**
 * Who is left under these locks, all of them in force. Locks on a user, on a group by membership, and on a key
 * count. An address says nothing about who will come from it, a lock on the gateway does not bind the API, and
 * the other kinds do not concern the login.
 */
export function administratorsLeft(
  administrators: readonly Administrator[],
  locks: readonly AimedLock[],
): AdministratorsLeft {
  const targets = (kind: LockTargetKind): readonly string[] =>
    locks.filter((lock) => lock.targetKind === kind).map((lock) => lock.target);
  const users = new Set(targets('user').map(nameKey));
  const groups = new Set(targets('group').map(nameKey));
  const keys = new Set(targets('key'));
  const free = administrators.filter(
    (one) => !users.has(nameKey(one.username)) && !one.groups.some((group) => groups.has(nameKey(group))),
  );
  const people = free.filter(
    (one) =>
      one.kind === 'person' &&
      (one.hasPassword || one.hasToken || one.keys.some((fingerprint) => !keys.has(fingerprint))),
  );
  return { people: people.map((one) => one.username), all: free.map((one) => one.username) };
}

/**
 * Who would have been the last, when a change leaves nobody of a kind that there was before; else undefined.
 * Where there was none before, a change takes nothing away.
 */
export function lastAdministrators(
  before: AdministratorsLeft,
  after: AdministratorsLeft,
): readonly string[] | undefined {
  if (before.people.length > 0 && after.people.length === 0) return before.people;
  return before.all.length > 0 && after.all.length === 0 ? before.all : undefined;
}
