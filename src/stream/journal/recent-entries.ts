import type { EventRecord } from '#contract/event.ts';
import type { StreamEntry } from '../stream.ts';
import type { PackedEvents } from './packed-events.ts';

/** Events that got positions one after the other. */
interface Run {
  readonly first: number;
  readonly last: number;
  /** As they were published; left to the garbage collector before their text is. */
  events: readonly EventRecord[] | undefined;
  texts: Buffer;
  readonly ends: readonly number[];
  readonly bytes: number;
  readonly addedAtMs: number;
}

export interface RecentLimits {
  /** Of JSON. */
  readonly bytes: number;
  /** Of those whose event need not be parsed again. Objects cost the garbage collector far more than their text. */
  readonly wholeBytes: number;
  readonly keptMs: number;
}

class RecentEntry implements StreamEntry {
  readonly position: number;
  readonly #run: Run;
  readonly #texts: Buffer;
  #parsed: EventRecord | undefined;

  constructor(position: number, run: Run) {
    this.position = position;
    this.#run = run;
    // The run lets go of it in time, an entry that is still needed does not.
    this.#texts = run.texts;
  }

  /** Made anew whenever it is asked for: it dies young, and the bytes behind it cost nothing to keep. */
  get json(): string {
    const { first, ends } = this.#run;
    const index = this.position - first;
    return this.#texts.toString('utf8', ends[index - 1] ?? 0, ends[index]);
  }

  /** Asked for in time it is what was published. */
  get event(): EventRecord {
    const published = this.#run.events?.[this.position - this.#run.first];
    if (published !== undefined) return published;
    this.#parsed ??= JSON.parse(this.json) as EventRecord;
    return this.#parsed;
  }
}

/** Readers are at most a few batches behind who writes as fast as this fills; who is later reads the journal. */
const LIMITS: RecentLimits = {
  bytes: 32 * 1024 * 1024,
  wholeBytes: 8 * 1024 * 1024,
  keptMs: 5_000,
};
const NOTHING = Buffer.alloc(0);
/** Runs that were dropped are cut off when there are so many. */
const CUT_OFF = 256;

/**
 * What this thread itself published, by position and only after it was stored: whoever reads it in the same thread
 * need not wait until it was read back and parsed. Bounded in size and time; what is not here is in the journal.
 */
export class RecentEntries implements Disposable {
  readonly #limits: RecentLimits;
  #runs: Run[] = [];
  /** Index of the oldest that counts. */
  #oldest = 0;
  #bytes = 0;
  /** Index of the oldest that has its events, and the bytes from there on. */
  #oldestWhole = 0;
  #wholeBytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: RecentLimits = LIMITS) {
    this.#limits = limits;
  }

  /** The events at `first` and the positions that follow it, in the order in which they were stored. */
  add(first: number, events: readonly EventRecord[], { texts, ends }: PackedEvents): void {
    if (first <= (this.#runs.at(-1)?.last ?? 0)) return;
    const bytes = texts.length;
    const addedAtMs = performance.now();
    this.#runs.push({
      first,
      last: first + events.length - 1,
      events,
      texts: Buffer.from(texts.buffer, texts.byteOffset, bytes),
      ends,
      bytes,
      addedAtMs,
    });
    this.#bytes += bytes;
    this.#wholeBytes += bytes;
    this.#strip();
    this.#dropWhile(
      (run) => this.#bytes > this.#limits.bytes || addedAtMs - run.addedAtMs > this.#limits.keptMs,
    );
    this.#timer ??= setTimeout(() => this.clear(), this.#limits.keptMs).unref();
    this.#timer.refresh();
  }

  /** What follows the position without a gap, at most so many; empty when the next one is not here. */
  after(position: number, limit: number): readonly StreamEntry[] {
    const found: StreamEntry[] = [];
    let next = position + 1;
    for (let at = this.#indexOf(next); found.length < limit; at += 1) {
      const run = this.#runs[at];
      if (run === undefined || run.first > next) break;
      for (; next <= run.last && found.length < limit; next += 1) found.push(new RecentEntry(next, run));
    }
    return found;
  }

  /** The next position beyond this one that is here; Infinity when there is none. */
  nextAfter(position: number): number {
    const run = this.#runs[this.#indexOf(position + 1)];
    return run === undefined ? Number.POSITIVE_INFINITY : Math.max(run.first, position + 1);
  }

  /** Those up to the position are gone. */
  forget(upTo: number): void {
    this.#dropWhile((run) => run.first <= upTo);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dropWhile(() => true);
    this.#runs = [];
    this.#oldest = 0;
    this.#bytes = 0;
    this.#oldestWhole = 0;
    this.#wholeBytes = 0;
  }

  /** Of the first run that ends at the position or beyond. */
  #indexOf(position: number): number {
    let low = this.#oldest;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle]?.last ?? 0) < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The oldest first. */
  #dropWhile(goes: (run: Run) => boolean): void {
    for (let run = this.#runs[this.#oldest]; run !== undefined && goes(run); run = this.#runs[this.#oldest]) {
      this.#bytes -= run.bytes;
      this.#oldest += 1;
      // It stays in the list for a while, what it held does not.
      run.texts = NOTHING;
      if (this.#oldestWhole < this.#oldest) this.#stripOldest();
    }
    if (this.#oldest < CUT_OFF && this.#oldest < this.#runs.length) return;
    this.#runs = this.#runs.slice(this.#oldest);
    this.#oldestWhole -= this.#oldest;
    this.#oldest = 0;
  }

  /** The newest stays whole, however large it is. */
  #strip(): void {
    while (this.#wholeBytes > this.#limits.wholeBytes && this.#oldestWhole < this.#runs.length - 1)
      this.#stripOldest();
  }

  #stripOldest(): void {
    const run = this.#runs[this.#oldestWhole];
    if (run === undefined) return;
    run.events = undefined;
    this.#wholeBytes -= run.bytes;
    this.#oldestWhole += 1;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
