import { LruMap } from '#lib/lru.ts';
import { monotonicClock, type MonotonicClock } from '#lib/time.ts';

/** Connections without a login that a source may leave behind before it is slowed down. */
const FREE = 100;
/** Forgotten per second: a source that stays below this rate is never slowed down. */
const FORGOTTEN_PER_S = 20;
const DELAY_PER_CONNECTION_MS = 20;
const LONGEST_DELAY_MS = 2_000;
const CAPACITY = 20_000;

interface Tally {
  readonly count: number;
  readonly atMs: number;
}

/**
 * Slows down the key exchange for sources whose connections keep ending without a login. A key exchange costs the
 * thread that carries sessions a few milliseconds; waiting costs it nothing, and takes up one of the pending
 * connections its source may have. Nobody is refused: who shares the address with a flooder waits two seconds at most.
 */
export class HandshakePace {
  readonly #clock: MonotonicClock;
  readonly #tallies = new LruMap<string, Tally>(CAPACITY);

  constructor(clock: MonotonicClock = monotonicClock) {
    this.#clock = clock;
  }

  /** A connection from the address block ended and nobody had logged in. */
  endedWithoutLogin(block: string): void {
    this.#tallies.set(block, { count: this.#count(block) + 1, atMs: this.#clock() });
  }

  /** How long the next key exchange with the block has to wait. */
  delayMs(block: string): number {
    const excess = this.#count(block) - FREE;
    return Math.max(0, Math.min(LONGEST_DELAY_MS, excess * DELAY_PER_CONNECTION_MS));
  }

  #count(block: string): number {
    const tally = this.#tallies.get(block);
    if (tally === undefined) return 0;
    return Math.max(0, tally.count - ((this.#clock() - tally.atMs) / 1_000) * FORGOTTEN_PER_S);
  }
}
