import type { MonotonicClock } from '#lib/time.ts';
import { denialBytes, denialOnLastRow } from './denial.ts';
import { KEY } from './input-queue.ts';
import type { LineContext } from './line-context.ts';
import type { Screen } from './screen.ts';

/** How long the line may take to be cleared, and when the shell is told a second time. */
const MIN_CLEAR_WAIT_MS = 2_000;
const RETRY_CLEAR_MS = 500;
/** A paste is drawn when nothing has come for so long; and no longer is waited for it. */
const PASTE_QUIET_MS = 100;
const MAX_PASTE_WAIT_MS = 2_000;
const LF = 0x0a;
const PASTE_END = Buffer.from('\u001B[201~');

export interface ClearingOptions {
  readonly screen: Screen;
  readonly context: LineContext;
  readonly now: MonotonicClock;
  readonly roundTripMs: number;
  /** How long the asset may take to show what it was sent. */
  readonly echoWaitMs: number;
  readonly toAsset: (bytes: Buffer) => void;
  readonly toPerson: (bytes: Buffer) => void;
  /** For the person. */
  readonly message: string;
  /** What is being taken off the line, as far as it is known. */
  readonly denied: string;
  readonly cleared: () => void;
  /** The line is still there: nothing that the person types can be let through safely any more. */
  readonly failed: () => void;
}

/**
 * Takes a denied line off the asset's input with Ctrl-C, tells the person, and sees to it that the line is gone.
 * Never with a line end: what runs a line, runs it.
 */
export class Clearing {
  readonly #options: ClearingOptions;
  #timer: NodeJS.Timeout | undefined;
  #confirmation: NodeJS.Timeout | undefined;
  #state: 'ending-paste' | 'interrupting' | 'over' = 'interrupting';
  #pasteUntil = 0;
  #answered = false;
  /** The shell has begun a new line since, so its prompt stands below the message. */
  #freshLine = false;

  constructor(options: ClearingOptions) {
    this.#options = options;
    if (options.context.keys.inPaste) this.#endPaste();
    else this.#interrupt();
  }

  /** The asset has answered since the line was told to go: what comes now was typed by somebody who could see. */
  get answered(): boolean {
    return this.#answered && this.#state === 'interrupting';
  }

  /** Output of the asset, which the screen has been given. */
  assetSent(bytes: Buffer): void {
    this.#answered = true;
    this.#freshLine ||= bytes.includes(LF);
    this.#options.screen.settle(() => this.#look());
  }

  cancel(): void {
    this.#state = 'over';
    clearTimeout(this.#timer);
    clearTimeout(this.#confirmation);
  }

  /**
   * Inside a marked paste even Ctrl-C would be text. Shells draw the paste at its end, some while it comes, and a
   * shell that is interrupted while it draws may forget what it has drawn.
   */
  #endPaste(): void {
    const { toAsset, now, echoWaitMs } = this.#options;
    this.#state = 'ending-paste';
    this.#pasteUntil = now() + MAX_PASTE_WAIT_MS;
    toAsset(PASTE_END);
    this.#arm(now() + echoWaitMs, () => this.#interrupt());
  }

  #interrupt(): void {
    const { now, roundTripMs } = this.#options;
    this.#state = 'interrupting';
    this.#answered = false;
    this.#freshLine = false;
    this.#tell();
    this.#sendInterrupt();
    const start = now();
    this.#arm(start + RETRY_CLEAR_MS, () => {
      // Shells that are interrupted while they draw can miss it.
      this.#sendInterrupt();
      const until = start + Math.max(MIN_CLEAR_WAIT_MS, 4 * roundTripMs);
      this.#arm(until, () => this.#options.screen.settle(() => this.#expire()));
    });
  }

  #tell(): void {
    const { screen, toPerson, message } = this.#options;
    toPerson(
      screen.isAlternate ? denialOnLastRow(message, screen.columns, screen.rows) : denialBytes(message),
    );
  }

  #sendInterrupt(): void {
    this.#options.toAsset(Buffer.of(KEY.interrupt));
  }

  #look(): void {
    if (this.#state === 'ending-paste') {
      const quietAt = this.#options.now() + PASTE_QUIET_MS;
      this.#arm(Math.min(quietAt, this.#pasteUntil), () => this.#interrupt());
    } else if (this.#state === 'interrupting' && this.#isCleared()) this.#confirm();
  }

  /**
   * A shell that begins a new line has been interrupted. An empty line in the old place may also be what was typed
   * before, shown late (the line was killed, and yanked back): it counts when nothing else has come for as long as the
   * asset may take.
   */
  #confirm(): void {
    clearTimeout(this.#confirmation);
    if (this.#freshLine) this.#finish();
    else
      this.#confirmation = setTimeout(() => {
        if (this.#isCleared()) this.#finish();
      }, this.#options.echoWaitMs);
  }

  #isCleared(): boolean {
    const { screen, context, denied } = this.#options;
    return this.#answered && !screen.hasPending && context.isCleared(denied);
  }

  #expire(): void {
    if (this.#state === 'over') return;
    if (this.#isCleared()) {
      this.#finish();
      return;
    }
    this.cancel();
    this.#options.failed();
  }

  #finish(): void {
    const { screen, toPerson, cleared } = this.#options;
    // A shell that only wiped its line thinks that the prompt still stands where the message is now. One that
    // has drawn it again (zsh comes to a new row by filling the old one) finds it drawn over itself.
    if (!this.#freshLine && !screen.isAlternate) toPerson(Buffer.from(`\r${screen.beforeCursor()}`));
    this.cancel();
    cleared();
  }

  #arm(atMs: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, Math.max(1, atMs - this.#options.now()));
  }
}
