import { createEmulator, type Emulator } from './emulator.ts';
import { EmulatorFeed } from './emulator-feed.ts';
import { PendingOutput } from './pending-output.ts';
import { ScreenText, type ScreenLine } from './screen-text.ts';
import { ShellMarks, type ShellMark } from './shell-marks.ts';

/**
 * What stands on the person's screen, from a real terminal emulator without scrollback. Output is only
 * collected, and what will have scrolled off is left out; the rest is interpreted when somebody asks, so bulk
 * output costs next to nothing, and the screen is the same as if all of it had been interpreted.
 */
export class Screen {
  #emulator: Emulator;
  #text: ScreenText;
  #marks: ShellMarks;
  readonly #output: PendingOutput;
  readonly #feed: EmulatorFeed;
  #waiting: (() => void)[] = [];
  #isDisposed = false;

  constructor(columns: number, rows: number) {
    const size = { columns: clamp(columns, 2, 1000), rows: clamp(rows, 2, 500) };
    this.#emulator = createEmulator(size.columns, size.rows);
    this.#text = new ScreenText(this.#emulator);
    this.#marks = new ShellMarks(this.#emulator, this.#text);
    this.#output = new PendingOutput(size.columns, size.rows);
    this.#feed = new EmulatorFeed({
      emulator: this.#emulator,
      onGap: () => this.#marks.forget(),
      renew: () => this.#renew(),
    });
  }

  /** Copies what it keeps. */
  push(bytes: Buffer): void {
    if (!this.#isDisposed) this.#output.push(bytes);
  }

  get columns(): number {
    return this.#emulator.cols;
  }

  get rows(): number {
    return this.#emulator.rows;
  }

  get hasPending(): boolean {
    return this.#feed.isBusy || !this.#output.isEmpty;
  }

  /** Calls back when everything pushed so far has been interpreted; mostly before it returns. */
  settle(done: () => void): void {
    if (this.#isDisposed) return;
    this.#waiting.push(done);
    this.#interpret();
  }

  resize(columns: number, rows: number): void {
    if (this.#isDisposed) return;
    this.#output.resize(clamp(columns, 2, 1000), clamp(rows, 2, 500));
    this.#interpret();
  }

  /**
   * What it shows may not be what the shell has drawn. More output came than could be kept, or the emulator had a
   * defect, and the screen has not been drawn afresh since: known again after a full reset, an erased screen with
   * the cursor placed, a screenful of lines, or back from a second screen on which it happened. Or a mode is on
   * that shells do not reckon with: characters push others aside, long lines do not wrap, rows count differently.
   */
  get isUnknown(): boolean {
    const { insertMode, wraparoundMode, originMode } = this.#emulator.modes;
    return this.#output.isUnsure || insertMode || !wraparoundMode || originMode;
  }

  /** The text of the cursor's line up to the cursor, over wrapped rows. */
  beforeCursor(): string {
    return this.#text.beforeCursor();
  }

  /** The rest of the cursor's line, from the cursor on. */
  behindCursor(): string {
    return this.cursorLine().slice(this.beforeCursor().length);
  }

  /**
   * Text at the right edge of the cursor's row, behind the cursor and a gap: the second prompt of zsh and fish.
   * Empty when there is none.
   */
  rightPrompt(): string {
    return this.#text.rightPrompt();
  }

  /** The whole line on which the cursor stands, over wrapped rows, without blanks at the end. */
  cursorLine(): string {
    return this.#text.cursorLine();
  }

  /**
   * The lines from the nearest one above the cursor that starts with the text, down to the cursor's: what a
   * line editor shows of input that takes several lines. Undefined when no such line is on the screen.
   */
  linesFrom(start: string): readonly ScreenLine[] | undefined {
    return this.#text.linesFrom(start);
  }

  /** A program has switched to the second screen, or something printed so. */
  get isAlternate(): boolean {
    return this.#emulator.buffer.active.type === 'alternate';
  }

  /** Whoever reads the input has asked for pastes to be marked, or something printed so. */
  get marksPastes(): boolean {
    return this.#emulator.modes.bracketedPasteMode;
  }

  /** What the last mark on the screen says about the shell: said by the shell, or something printed so. */
  get shellMark(): ShellMark | undefined {
    return this.#marks.mark;
  }

  /**
   * The text from the marked begin of input to the end of the cursor's line, over several lines where input has
   * them. Undefined when no shell marks that it reads, or what stood in front of the input has changed.
   */
  inputFromMark(): string | undefined {
    return this.#marks.input();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#waiting = [];
    this.#feed.stop();
    this.#emulator.dispose();
  }

  /** An emulator that has thrown takes nothing any more; what it showed is lost with it. */
  #renew(): Emulator {
    const broken = this.#emulator;
    this.#emulator = createEmulator(this.columns, this.rows);
    this.#text = new ScreenText(this.#emulator);
    this.#marks = new ShellMarks(this.#emulator, this.#text);
    this.#output.screenLost();
    broken.dispose();
    return this.#emulator;
  }

  #interpret(): void {
    if (this.#feed.isBusy || this.#isDisposed) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#feed.feed(this.#output.take(), () => {
      for (const done of waiting) if (!this.#isDisposed) done();
      if (this.#waiting.length > 0) this.#interpret();
    });
  }
}

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.trunc(value))) : low;
}
