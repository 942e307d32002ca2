import type { Emulator } from './emulator.ts';

/** Lines of input that are put together at most. */
const MAX_INPUT_LINES = 60;

export interface ScreenLine {
  /** Without blanks at the end. */
  readonly text: string;
  /** It reaches the right edge. */
  readonly isFull: boolean;
}

/** Reads lines, over wrapped rows, from where the cursor of an emulator stands. Rows count from 0. */
export class ScreenText {
  readonly #emulator: Emulator;

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  /** The emulator can keep rows above the screen: in an alternate one opened after a change to fewer rows. */
  get #topRow(): number {
    return this.#emulator.buffer.active.baseY;
  }

  get cursorRow(): number {
    const { active } = this.#emulator.buffer;
    return active.baseY + active.cursorY;
  }

  /** The text of the cursor's line up to the cursor. */
  beforeCursor(): string {
    const row = this.cursorRow;
    let text = this.#row(row, this.#emulator.buffer.active.cursorX);
    for (let above = row; above > this.#topRow && this.#isWrapped(above); above -= 1)
      text = this.#row(above - 1) + text;
    return text;
  }

  /** The whole line on which the cursor stands, without blanks at the end. */
  cursorLine(): string {
    return this.#line(this.firstRow(this.cursorRow));
  }

  /** Text at the right edge of the cursor's row, behind the cursor and a gap. Empty when there is none. */
  rightPrompt(): string {
    const { cursorX } = this.#emulator.buffer.active;
    const behind = this.#row(this.cursorRow).slice(cursorX);
    const [, gap = '', text = ''] = /^(.*?\s\s+)(\S.*?)\s?$/s.exec(behind) ?? [];
    // Blanks inside belong to it only when single.
    return gap === '' || /\s\s/.test(text) ? '' : text;
  }

  /** The row in which the line begins that this row belongs to. */
  firstRow(row: number): number {
    let first = row;
    while (first > this.#topRow && this.#isWrapped(first)) first -= 1;
    return first;
  }

  /** The lines from the one that begins in this row down to the cursor's. Undefined: the cursor is above it. */
  linesFromRow(row: number): string | undefined {
    const last = this.firstRow(this.cursorRow);
    const lines: string[] = [];
    let first = row;
    while (first < last && lines.length < MAX_INPUT_LINES) {
      lines.push(this.#line(first));
      first += 1;
      while (first < last && this.#isWrapped(first)) first += 1;
    }
    return first === last ? [...lines, this.#line(last)].join('\n') : undefined;
  }

  /** The lines from the nearest one above the cursor that starts with the text, down to the cursor's. */
  linesFrom(start: string): readonly ScreenLine[] | undefined {
    const lines: ScreenLine[] = [];
    let row = this.firstRow(this.cursorRow);
    for (let count = 0; count < MAX_INPUT_LINES; count += 1) {
      const text = this.#line(row);
      lines.unshift({ text, isFull: this.#isFull(row) });
      if (text.startsWith(start)) return lines;
      if (row <= this.#topRow) return undefined;
      row = this.firstRow(row - 1);
    }
    return undefined;
  }

  #line(first: number): string {
    let text = this.#row(first);
    for (let below = first + 1; this.#isWrapped(below); below += 1) text += this.#row(below);
    return text.trimEnd();
  }

  /** The line reaches the right edge, so that the next one may belong to it: some editors wrap by themselves. */
  #isFull(first: number): boolean {
    let last = first;
    while (this.#isWrapped(last + 1)) last += 1;
    return this.#row(last).trimEnd().length >= this.#emulator.cols - 1;
  }

  /** Behind its last row the emulator gives the first again. */
  #isWrapped(row: number): boolean {
    const { active } = this.#emulator.buffer;
    return row < active.length && (active.getLine(row)?.isWrapped ?? false);
  }

  #row(row: number, columns?: number): string {
    return this.#emulator.buffer.active.getLine(row)?.translateToString(false, 0, columns) ?? '';
  }
}
