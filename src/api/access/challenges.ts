import { timingSafeEqual } from 'node:crypto';
import type { Identity } from '#identity/login-attempt.ts';
import { hashSecret, issueLinkSecret } from '#identity/tokens.ts';
import { LruMap } from '#lib/lru.ts';
import type { Secret } from '#lib/secret.ts';
import type { MonotonicClock } from '#lib/time.ts';

const LIFETIME_MS = 10 * 60_000;
/** Sign-ins under way; further ones push out the oldest. */
const MAX_OPEN = 10_000;

/** A password that was typed and not judged yet: a code is needed for that. */
export interface Challenge {
  readonly username: string;
  readonly password: Secret;
  readonly startedAtMs: number;
  /** Who it was, once the code was given with it. */
  readonly passed: Identity | undefined;
}

/** Sign-ins between password and code, by the cookie that holds them together. The cookie alone opens nothing. */
export class Challenges {
  readonly #open = new LruMap<string, Challenge>(MAX_OPEN);
  readonly #clock: MonotonicClock;

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  /** Returns the value of the cookie. */
  begin(username: string, password: Secret): Secret {
    const { secret, hash } = issueLinkSecret();
    this.#open.set(hash, { username, password, startedAtMs: this.#clock(), passed: undefined });
    return secret;
  }

  find(cookie: string | undefined): Challenge | undefined {
    const challenge = cookie === undefined ? undefined : this.#open.get(hashSecret(cookie));
    if (challenge === undefined || this.#clock() - challenge.startedAtMs > LIFETIME_MS) return undefined;
    return challenge;
  }

  pass(cookie: string, identity: Identity): void {
    const challenge = this.find(cookie);
    if (challenge !== undefined) this.#open.set(hashSecret(cookie), { ...challenge, passed: identity });
  }

  /** Forgets it. */
  end(cookie: string): void {
    this.#open.delete(hashSecret(cookie));
  }

  /** Who passed it with this name and password. It counts once. */
  redeem(cookie: string | undefined, username: string, password: Secret): Identity | undefined {
    const challenge = this.find(cookie);
    if (cookie === undefined || challenge?.passed === undefined) return undefined;
    if (challenge.username !== username || !isSame(challenge.password, password)) return undefined;
    this.#open.delete(hashSecret(cookie));
    return challenge.passed;
  }
}

function isSame(one: Secret, other: Secret): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(one.expose())), Buffer.from(hashSecret(other.expose())));
}
