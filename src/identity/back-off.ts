import { LruMap } from '#lib/lru.ts';

/** How tries are slowed down. After `freeTries` failures each one doubles the pause that follows it. */
export interface BackOffPolicy {
  readonly freeTries: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Failures are forgotten after this long without one. At least `longestPauseMs`. */
  readonly forgetAfterMs: number;
}

interface Tally {
  readonly failures: number;
  readonly lastAtMs: number;
}

/** Counts failures per key and says how long the next try has to wait. Memory is bounded; time comes from outside. */
export class BackOff {
  readonly #policy: BackOffPolicy;
  readonly #records: LruMap<string, Tally>;

  constructor(policy: BackOffPolicy, capacity: number) {
    this.#policy = policy;
    this.#records = new LruMap(capacity);
  }

  /** Milliseconds until a try is let through; 0 is now. */
  waitMs(key: string, nowMs: number): number {
    const record = this.#live(key, nowMs);
    return record === undefined ? 0 : Math.max(0, record.lastAtMs + this.#pauseMs(record.failures) - nowMs);
  }

  /**
   * Counts a failure. Called before the outcome is known, so that a hundred tries at once are not a hundred
   * free ones; `refund` takes it back.
   */
  charge(key: string, nowMs: number): void {
    const failures = (this.#live(key, nowMs)?.failures ?? 0) + 1;
    this.#records.set(key, { failures, lastAtMs: nowMs });
  }

  /** Takes one failure back; the pause is then what the others earned. */
  refund(key: string): void {
    const record = this.#records.get(key);
    if (record === undefined) return;
    if (record.failures <= 1) this.#records.delete(key);
    else this.#records.set(key, { ...record, failures: record.failures - 1 });
  }

  clear(key: string): void {
    this.#records.delete(key);
  }

  clearWhere(fits: (key: string) => boolean): void {
    this.#records.deleteWhere(fits);
  }

  #pauseMs(failures: number): number {
    const { freeTries, firstPauseMs, longestPauseMs } = this.#policy;
    const doublings = failures - freeTries;
    return doublings < 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(doublings, 40));
  }

  #live(key: string, nowMs: number): Tally | undefined {
    const record = this.#records.get(key);
    if (record === undefined) return undefined;
    if (nowMs - record.lastAtMs < this.#policy.forgetAfterMs) return record;
    this.#records.delete(key);
    return undefined;
  }
}
