import type { EventRecord } from '#contract/event.ts';
import type { StreamEntry } from '../stream.ts';

/** Events that got positions one after the other. */
interface Run {
  readonly first: number;
  readonly last: number;
  /** As they were published; left to the garbage collector before their text is. */
  events: readonly EventRecord[] | undefined;
  json: readonly string[];
  readonly characters: number;
  readonly addedAtMs: number;
}

export interface RecentLimits {
  /** Of JSON, in characters. */
  readonly characters: number;
  /** Of those whose event need not be parsed again. Objects cost the garbage collector far more than their text. */
  readonly wholeCharacters: number;
  readonly keptMs: number;
}

class RecentEntry implements StreamEntry {
  readonly position: number;
  readonly json: string;
  readonly #run: Run;
  #parsed: EventRecord | undefined;

  constructor(position: number, json: string, run: Run) {
    this.position = position;
    this.json = json;
    this.#run = run;
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
  characters: 32 * 1024 * 1024,
  wholeCharacters: 8 * 1024 * 1024,
  keptMs: 5_000,
};
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
  #characters = 0;
  /** Index of the oldest that has its events, and the characters from there on. */
  #oldestWhole = 0;
  #wholeCharacters = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: RecentLimits = LIMITS) {
    this.#limits = limits;
  }

  /** The events at `first` and the positions that follow it, in the order in which they were stored. */
  add(first: number, events: readonly EventRecord[], json: readonly string[]): void {
    if (first <= (this.#runs.at(-1)?.last ?? 0)) return;
    const characters = json.reduce((sum, text) => sum + text.length, 0);
    const addedAtMs = performance.now();
    this.#runs.push({ first, last: first + events.length - 1, events, json, characters, addedAtMs });
    this.#characters += characters;
    this.#wholeCharacters += characters;
    this.#strip();
    this.#dropWhile(
      (run) => this.#characters > this.#limits.characters || addedAtMs - run.addedAtMs > this.#limits.keptMs,
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
      for (; next <= run.last && found.length < limit; next += 1) {
        const json = run.json[next - run.first];
        if (json === undefined) return found;
        found.push(new RecentEntry(next, json, run));
      }
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
    this.#characters = 0;
    this.#oldestWhole = 0;
    this.#wholeCharacters = 0;
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
      this.#characters -= run.characters;
      this.#oldest += 1;
      // It stays in the list for a while, what it held does not.
      run.json = [];
      if (this.#oldestWhole < this.#oldest) this.#stripOldest();
    }
    if (this.#oldest < CUT_OFF && this.#oldest < this.#runs.length) return;
    this.#runs = this.#runs.slice(this.#oldest);
    this.#oldestWhole -= this.#oldest;
    this.#oldest = 0;
  }

  /** The newest stays whole, however large it is. */
  #strip(): void {
    while (this.#wholeCharacters > this.#limits.wholeCharacters && this.#oldestWhole < this.#runs.length - 1)
      this.#stripOldest();
  }

  #stripOldest(): void {
    const run = this.#runs[this.#oldestWhole];
    if (run === undefined) return;
    run.events = undefined;
    this.#wholeCharacters -= run.characters;
    this.#oldestWhole += 1;
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
