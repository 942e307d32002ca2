/** What a window that overflowed comes to. */
export interface Summary<Entry> {
  /** The first of them, as an example. */
  readonly example: Entry;
  readonly count: number;
  /** How many per reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface FloodSummaryOptions<Entry> {
  /** Entries of one source that are told one by one in a window; the rest is summed up. */
  readonly perSource: number;
  /** Entries of all sources that are told one by one in a window. */
  readonly perWindow: number;
  readonly windowMs: number;
  /** Sources kept apart in one window; what comes from further ones is one sum. */
  readonly maxSources: number;
  readonly sourceOf: (entry: Entry) => string;
  readonly reasonOf: (entry: Entry) => string;
  readonly tellOne: (entry: Entry) => void;
  /** `source` is null for what was too scattered to keep apart. */
  readonly tellMany: (summary: Summary<Entry>, source: string | null) => void;
}

interface Sum<Entry> {
  readonly example: Entry;
  count: number;
  readonly reasons: Record<string, number>;
}

/**
 * Tells entries one by one while they are few, and sums them up per source and window in a flood: nothing is
 * unaccounted for, and a flood cannot fill what it is told to. Reasons must come from a small fixed set.
 */
export class FloodSummary<Entry> implements Disposable {
  readonly #options: FloodSummaryOptions<Entry>;
  readonly #told = new Map<string, number>();
  readonly #sums = new Map<string, Sum<Entry>>();
  #scattered: Sum<Entry> | undefined;
  #toldTotal = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: FloodSummaryOptions<Entry>) {
    this.#options = options;
  }

  add(entry: Entry): void {
    const { perSource, perWindow, windowMs, sourceOf, tellOne } = this.#options;
    this.#timer ??= setTimeout(() => this.flush(), windowMs).unref();
    const source = sourceOf(entry);
    const told = this.#told.get(source) ?? 0;
    if (told < perSource && this.#toldTotal < perWindow) {
      this.#told.set(source, told + 1);
      this.#toldTotal += 1;
      tellOne(entry);
      return;
    }
    this.#sum(source, entry);
  }

  /** Ends the window: tells the sums. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#told.clear();
    this.#toldTotal = 0;
    const sums = [...this.#sums];
    const scattered = this.#scattered;
    this.#sums.clear();
    this.#scattered = undefined;
    for (const [source, sum] of sums) this.#options.tellMany(sum, source);
    if (scattered !== undefined) this.#options.tellMany(scattered, null);
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  #sum(source: string, entry: Entry): void {
    let sum = this.#sums.get(source);
    if (sum === undefined && this.#sums.size < this.#options.maxSources) {
      sum = { example: entry, count: 0, reasons: {} };
      this.#sums.set(source, sum);
    }
    sum ??= this.#scattered ??= { example: entry, count: 0, reasons: {} };
    sum.count += 1;
    const reason = this.#options.reasonOf(entry);
    sum.reasons[reason] = (sum.reasons[reason] ?? 0) + 1;
  }
}
