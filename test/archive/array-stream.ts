import type { EventRecord } from '#contract/event.ts';
import type { Stream, StreamEntry } from '#stream/stream.ts';

/** A stream in memory, with gaps between positions as the contract allows. It outlives what reads it. */
export class ArrayStream implements Stream {
  readonly #entries: StreamEntry[] = [];
  readonly #gap: () => number;
  #last = 0;
  #published = Promise.withResolvers<void>();

  constructor(gap: () => number = () => 1) {
    this.#gap = gap;
  }

  get entries(): readonly StreamEntry[] {
    return this.#entries;
  }

  publish(events: readonly EventRecord[]): Promise<void> {
    for (const event of events) {
      this.#last += this.#gap();
      this.#entries.push({ position: this.#last, event, json: JSON.stringify(event) });
    }
    this.#published.resolve();
    this.#published = Promise.withResolvers();
    return Promise.resolve();
  }

  async read(after: number, limit: number, signal: AbortSignal): Promise<readonly StreamEntry[]> {
    const aborted = Promise.withResolvers<void>();
    const onAbort = (): void => aborted.resolve();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const from = this.#firstAfter(after);
        if (from < this.#entries.length) return this.#entries.slice(from, from + limit);
        await Promise.race([this.#published.promise, aborted.promise]);
      }
      return [];
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #firstAfter(position: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  head(): Promise<number> {
    return Promise.resolve(this.#last);
  }

  trim(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
