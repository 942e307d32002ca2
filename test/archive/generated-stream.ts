import { once } from 'node:events';
import type { Stream, StreamEntry } from '#stream/stream.ts';
import { SeededEvents, type SeededEventsOptions } from './seeded-events.ts';

/** A stream of that many events which makes them as they are read, once, in order: a million need no memory. */
export class GeneratedStream implements Stream {
  readonly #events: SeededEvents;
  readonly #count: number;
  #made = 0;

  constructor(count: number, seed: number, options: SeededEventsOptions = {}) {
    this.#events = new SeededEvents(seed, options);
    this.#count = count;
  }

  async read(after: number, limit: number, signal: AbortSignal): Promise<readonly StreamEntry[]> {
    if (after >= this.#count || signal.aborted) {
      if (!signal.aborted) await once(signal, 'abort');
      return [];
    }
    if (after !== this.#made)
      throw new Error(`made up to ${this.#made}, asked for what comes after ${after}`);
    const events = this.#events.take(Math.min(limit, this.#count - after));
    this.#made += events.length;
    return events.map((event, index) => ({
      position: after + index + 1,
      event,
      json: JSON.stringify(event),
    }));
  }

  head(): Promise<number> {
    return Promise.resolve(this.#count);
  }

  publish(): Promise<void> {
    return Promise.reject(new Error('only reading'));
  }

  trim(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
