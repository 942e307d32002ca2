import type { Emulator } from './emulator.ts';
import type { PendingItem } from './pending-output.ts';

/** Interpreted without a pause at most; what other sessions wait for comes in between. */
const BUSY_MS = 4;
/** Given to the emulator in one piece: even the dearest sequences in it are done soon. */
const SLICE_BYTES = 2 * 1024;

export interface FeedOptions {
  readonly emulator: Emulator;
  /** Output is missing here. */
  readonly onGap: () => void;
  /** The emulator threw: nothing can be done with it any more. Gives another one, of the same size. */
  readonly renew: () => Emulator;
}

/**
 * Gives output to an emulator, in slices, so that the process stays responsive. Where the emulator has a defect,
 * what shows it is left out, and another one goes on behind it.
 */
export class EmulatorFeed {
  readonly #options: FeedOptions;
  #emulator: Emulator;
  #items: readonly PendingItem[] = [];
  #next = 0;
  #offset = 0;
  #done: (() => void) | undefined;
  #isStopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#emulator = options.emulator;
  }

  get isBusy(): boolean {
    return this.#done !== undefined;
  }

  /** Calls back when all is interpreted, mostly before it returns. Not to be called while busy. */
  feed(items: readonly PendingItem[], done: () => void): void {
    this.#items = items;
    this.#next = 0;
    this.#offset = 0;
    this.#done = done;
    this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#items = [];
  }

  #run(): void {
    const until = performance.now() + BUSY_MS;
    while (!this.#isStopped) {
      const item = this.#items[this.#next];
      if (item === undefined) {
        this.#finish();
        return;
      }
      if (item.kind === 'output') {
        if (!this.#write(item.bytes)) return;
      } else {
        this.#next += 1;
        if (item.kind === 'gap') this.#options.onGap();
        else this.#carefully(() => this.#emulator.resize(item.columns, item.rows));
      }
      if (performance.now() >= until) {
        setImmediate(() => this.#run());
        return;
      }
    }
  }

  #finish(): void {
    const done = this.#done;
    this.#items = [];
    this.#done = undefined;
    done?.();
  }

  /** Whether the slice was interpreted at once. If not, the run goes on when it is. */
  #write(bytes: Buffer): boolean {
    const end = endOfSlice(bytes, this.#offset + SLICE_BYTES);
    const slice = bytes.subarray(this.#offset, end);
    this.#offset = end;
    if (end === bytes.length) {
      this.#next += 1;
      this.#offset = 0;
    }
    let isParsed = false;
    let isAwaited = false;
    const isWhole = this.#carefully(() => {
      // Behind input of the user, however empty, the emulator parses at once instead of after a timer.
      this.#emulator.input('');
      this.#emulator.write(slice, () => {
        isParsed = true;
        if (isAwaited) this.#run();
      });
    });
    if (!isWhole) return true;
    isAwaited = !isParsed;
    return isParsed;
  }

  /** Whether the emulator did it. */
  #carefully(work: () => void): boolean {
    try {
      work();
      return true;
    } catch {
      this.#emulator = this.#options.renew();
      return false;
    }
  }
}

/** Not within a character: the emulator loses some that are divided. */
function endOfSlice(bytes: Buffer, limit: number): number {
  if (limit >= bytes.length) return bytes.length;
  let end = limit;
  while (end > limit - 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}
