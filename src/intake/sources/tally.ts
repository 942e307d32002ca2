import type { EventRecord } from '#contract/event.ts';
import type { SourceCounts } from '#state/log-sources.ts';

interface Count {
  messages: number;
  failures: number;
  lastAt: number;
  readonly types: Map<string, number>;
}

const MINUTE_MS = 60_000;

/** What came, by source. */
export class Tally {
  readonly #counts = new Map<string, Count>();

  get size(): number {
    return this.#counts.size;
  }

  messages(id: string): number {
    return this.#counts.get(id)?.messages ?? 0;
  }

  /** One message, and what became of it; nothing when its record came before. */
  add(id: string, receivedAtMs: number, [event]: readonly EventRecord[]): void {
    const count = this.#of(id);
    count.messages += 1;
    count.lastAt = receivedAtMs;
    if (event === undefined) return;
    if (event.type === 'foreign.unparsed') count.failures += 1;
    const log = event.data['log'];
    const type = typeof log === 'object' && log !== null && 'type' in log ? log['type'] : undefined;
    if (typeof type === 'string') count.types.set(type, (count.types.get(type) ?? 0) + 1);
  }

  addAll(other: Tally): void {
    for (const [id, one] of other.#counts) {
      const count = this.#of(id);
      count.messages += one.messages;
      count.failures += one.failures;
      count.lastAt = Math.max(count.lastAt, one.lastAt);
      for (const [type, times] of one.types) count.types.set(type, (count.types.get(type) ?? 0) + times);
    }
  }

  /** With the rate at which it came over this time. */
  over(elapsedMs: number): ReadonlyMap<string, SourceCounts> {
    const perMinute = MINUTE_MS / Math.max(1000, elapsedMs);
    return new Map(
      [...this.#counts].map(([id, one]) => [
        id,
        { ...one, ratePerMinute: Math.round(one.messages * perMinute) },
      ]),
    );
  }

  #of(id: string): Count {
    let count = this.#counts.get(id);
    if (count === undefined)
      this.#counts.set(id, (count = { messages: 0, failures: 0, lastAt: 0, types: new Map() }));
    return count;
  }
}
