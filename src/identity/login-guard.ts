import { addressBlock } from '#lib/ip-text.ts';
import { LruMap } from '#lib/lru.ts';
import { monotonicClock, type MonotonicClock } from '#lib/time.ts';
import { BackOff, type BackOffPolicy } from './back-off.ts';

/** A try with a password, before anybody looked at the password. */
export interface PasswordTry {
  readonly address: string;
  /** The name in the form in which names are compared: spelling variants share one counter. */
  readonly nameKey: string;
  /**
   * The only administrator left who can log in: failures under this name never pause it, or anyone could keep
   * the last person out who can let others in.
   */
  readonly isLastAdmin: boolean;
}

/** `undecided`: nobody got to look at the password, so the try counts for nothing. */
export type TryOutcome = 'right' | 'wrong' | 'undecided';

/** What becomes of a try: let through (say how it ended), or refused without looking at the password. */
export type GuardAnswer =
  | { readonly let: 'through'; readonly settle: (outcome: TryOutcome) => void }
  | { readonly let: 'wait'; readonly waitMs: number; readonly because: 'address' | 'user' };

/** Slows down guessing of passwords, per address and per user. Keys (public key logins) never come here. */
export interface LoginGuard {
  begin(attempt: PasswordTry): GuardAnswer;
  /** Forgets the failures under a name, wherever they came from. Those of an address stay: it is not the person's. */
  forgive(nameKey: string): void;
}

export interface LoginGuardOptions {
  readonly perAddress?: BackOffPolicy;
  readonly perUser?: BackOffPolicy;
  /** Entries kept per counter; the ones not seen for longest are forgotten first. */
  readonly capacity?: number;
  readonly clock?: MonotonicClock;
}

const MINUTE_MS = 60_000;
/** Wider than per user: offices share an address. */
const PER_ADDRESS: BackOffPolicy = {
  freeTries: 20,
  firstPauseMs: 1_000,
  longestPauseMs: 5 * MINUTE_MS,
  forgetAfterMs: 30 * MINUTE_MS,
};
const PER_USER: BackOffPolicy = {
  freeTries: 6,
  firstPauseMs: 1_000,
  longestPauseMs: MINUTE_MS,
  forgetAfterMs: 30 * MINUTE_MS,
};

/**
 * A guard that keeps its counters in memory. Addresses count by block (/64 for IPv6). From a block where the
 * user has logged in before, the user has a counter of their own there: strangers elsewhere cannot keep them out.
 */
export function createLoginGuard(options: LoginGuardOptions = {}): LoginGuard {
  const { perAddress = PER_ADDRESS, perUser = PER_USER, capacity = 50_000, clock = monotonicClock } = options;
  const addresses = new BackOff(perAddress, capacity);
  const users = new BackOff(perUser, capacity);
  const familiar = new LruMap<string, true>(capacity);

  return {
    begin({ address, nameKey, isLastAdmin }) {
      const nowMs = clock();
      const block = addressBlock(address);
      const pair = `${nameKey} ${block}`;
      const isFamiliar = familiar.get(pair) !== undefined;
      const userCounter = isFamiliar ? pair : nameKey;
      const countsUser = !isLastAdmin;

      const addressWaitMs = addresses.waitMs(block, nowMs);
      if (addressWaitMs > 0) return { let: 'wait', waitMs: addressWaitMs, because: 'address' };
      const userWaitMs = countsUser ? users.waitMs(userCounter, nowMs) : 0;
      if (userWaitMs > 0) return { let: 'wait', waitMs: userWaitMs, because: 'user' };

      addresses.charge(block, nowMs);
      if (countsUser) users.charge(userCounter, nowMs);
      let isSettled = false;
      const settle = (outcome: TryOutcome): void => {
        if (isSettled) return;
        isSettled = true;
        if (outcome === 'wrong') return;
        // The address only gets this one try back: an attacker's own account must not wash away the rest.
        addresses.refund(block);
        if (outcome === 'undecided') {
          if (countsUser) users.refund(userCounter);
          return;
        }
        users.clear(userCounter);
        familiar.set(pair, true);
      };
      return { let: 'through', settle };
    },
    forgive(nameKey) {
      // Names have no space in them: what follows one is the block of an address.
      users.clearWhere((key) => key === nameKey || key.startsWith(`${nameKey} `));
    },
  };
}
