import type { MonotonicClock } from '#lib/time.ts';

/** A key that has no answer by then was probably not going to get one. */
const MAX_SAMPLE_MS = 5_000;

/** Estimates how long the asset takes to answer a key. */
export class RoundTrip {
  readonly #now: MonotonicClock;
  #sentAt: number | undefined;
  #estimateMs = 0;

  constructor(now: MonotonicClock) {
    this.#now = now;
  }

  get estimateMs(): number {
    return this.#estimateMs;
  }

  sent(): void {
    this.#sentAt ??= this.#now();
  }

  answered(): void {
    if (this.#sentAt === undefined) return;
    const sample = this.#now() - this.#sentAt;
    this.#sentAt = undefined;
    if (sample > MAX_SAMPLE_MS) return;
    // Quick to rise, slow to fall: a wait that is too short costs more than one that is too long.
    this.#estimateMs = Math.max(sample, this.#estimateMs * 0.9 + sample * 0.1);
  }
}
