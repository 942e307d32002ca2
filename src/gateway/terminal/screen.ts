import headless from '@xterm/headless';

/** Output that was not looked at yet; more than this and the oldest is thrown away unread. */
const MAX_PENDING_BYTES = 256 * 1024;
/** Given to the emulator in one piece, so that others get their turn in between. */
const SLICE_BYTES = 32 * 1024;
const MAX_INPUT_ROWS = 60;

export interface ScreenLine {
  /** Without blanks at the end. */
  readonly text: string;
  /** It reaches the right edge. */
  readonly isFull: boolean;
}

/**
 * What stands on the person's screen, from a real terminal emulator without scrollback. Output is only
 * collected; it is interpreted when somebody asks, so bulk output costs next to nothing: of a flood only the
 * end is ever read.
 */
export class Screen {
  readonly #terminal: InstanceType<typeof headless.Terminal>;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #modes = '';
  #writing = false;
  #waiting: (() => void)[] = [];
  #disposed = false;

  constructor(columns: number, rows: number) {
    this.#terminal = new headless.Terminal({
      cols: clamp(columns, 2, 1000),
      rows: clamp(rows, 2, 500),
      scrollback: 0,
      logLevel: 'off',
      allowProposedApi: true,
    });
  }

  push(bytes: Buffer): void {
    if (this.#disposed) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    while (this.#pendingBytes > MAX_PENDING_BYTES && this.#pending.length > 1) this.#dropOldest();
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get hasPending(): boolean {
    return this.#writing || this.#pendingBytes > 0;
  }

  /** Calls back when everything pushed so far has been interpreted; at once when nothing is pending. */
  settle(done: () => void): void {
    if (!this.hasPending) {
      done();
      return;
    }
    this.#waiting.push(done);
    this.#write();
  }

  resize(columns: number, rows: number): void {
    this.settle(() => {
      if (!this.#disposed) this.#terminal.resize(clamp(columns, 2, 1000), clamp(rows, 2, 500));
    });
  }

  /** The text of the cursor's line up to the cursor, over wrapped rows. */
  beforeCursor(): string {
    const { active } = this.#terminal.buffer;
    const row = active.baseY + active.cursorY;
    let text = this.#cells(row, active.cursorX);
    for (let above = row; above > 0 && this.#isWrapped(above); above -= 1) text = this.#row(above - 1) + text;
    return text;
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
    const { active } = this.#terminal.buffer;
    const row = this.#row(this.#cursorRow());
    const [, gap = '', text = ''] = /^(.*?\s\s+)(\S.*?)\s?$/s.exec(row.slice(active.cursorX)) ?? [];
    // Blanks inside belong to it only when single.
    return gap === '' || /\s\s/.test(text) ? '' : text;
  }

  /** The whole line on which the cursor stands, over wrapped rows, without blanks at the end. */
  cursorLine(): string {
    return this.#logicalLine(this.#firstRowOfLine(this.#cursorRow()));
  }

  /**
   * The lines from the nearest one above the cursor that starts with the text, down to the cursor's: what a
   * line editor shows of input that takes several lines. Undefined when no such line is on the screen.
   */
  linesFrom(start: string): readonly ScreenLine[] | undefined {
    const lines: ScreenLine[] = [];
    let row = this.#firstRowOfLine(this.#cursorRow());
    for (let count = 0; count < MAX_INPUT_ROWS; count += 1) {
      const text = this.#logicalLine(row);
      lines.unshift({ text, isFull: this.#isFull(row) });
      if (text.startsWith(start)) return lines;
      if (row === 0) return undefined;
      row = this.#firstRowOfLine(row - 1);
    }
    return undefined;
  }

  /** A program has switched to the second screen, or something printed so. */
  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  /** Whoever reads the input has asked for pastes to be marked, or something printed so. */
  get marksPastes(): boolean {
    return this.#terminal.modes.bracketedPasteMode;
  }

  dispose(): void {
    this.#disposed = true;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#waiting = [];
    this.#terminal.dispose();
  }

  #write(): void {
    if (this.#writing || this.#disposed) return;
    const slice = this.#takeSlice();
    if (slice === undefined) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const done of waiting) done();
      return;
    }
    this.#writing = true;
    this.#terminal.write(slice, () => {
      this.#writing = false;
      this.#write();
    });
  }

  #takeSlice(): Buffer | string | undefined {
    if (this.#modes !== '') {
      const modes = this.#modes;
      this.#modes = '';
      return modes;
    }
    const taken: Buffer[] = [];
    let bytes = 0;
    while (this.#pending.length > 0 && bytes < SLICE_BYTES) {
      const next = this.#pending.shift();
      if (next === undefined) break;
      taken.push(next);
      bytes += next.length;
    }
    this.#pendingBytes -= bytes;
    return bytes === 0 ? undefined : Buffer.concat(taken, bytes);
  }

  /** What is thrown away may have switched screens or modes: the switches are kept. */
  #dropOldest(): void {
    const dropped = this.#pending.shift();
    if (dropped === undefined) return;
    this.#pendingBytes -= dropped.length;
    if (dropped.includes(0x1b)) {
      const switches = dropped.toString('latin1').match(MODE_SWITCH) ?? [];
      this.#modes = (this.#modes + switches.join('')).slice(-MAX_MODES_LENGTH);
    }
    // Column and colours are unknown behind a gap; the next line starts afresh.
    if (!this.#modes.endsWith(FRESH_LINE)) this.#modes += FRESH_LINE;
  }

  #cursorRow(): number {
    const { active } = this.#terminal.buffer;
    return active.baseY + active.cursorY;
  }

  #firstRowOfLine(row: number): number {
    let first = row;
    while (first > 0 && this.#isWrapped(first)) first -= 1;
    return first;
  }

  #logicalLine(first: number): string {
    let text = this.#row(first);
    for (let below = first + 1; this.#isWrapped(below); below += 1) text += this.#row(below);
    return text.trimEnd();
  }

  /** The line reaches the right edge, so that the next one may belong to it: some editors wrap by themselves. */
  #isFull(first: number): boolean {
    let last = first;
    while (this.#isWrapped(last + 1)) last += 1;
    return this.#row(last).trimEnd().length >= this.#terminal.cols - 1;
  }

  #isWrapped(row: number): boolean {
    return this.#terminal.buffer.active.getLine(row)?.isWrapped ?? false;
  }

  #row(row: number): string {
    return this.#terminal.buffer.active.getLine(row)?.translateToString(false) ?? '';
  }

  #cells(row: number, columns: number): string {
    return this.#terminal.buffer.active.getLine(row)?.translateToString(false, 0, columns) ?? '';
  }
}

const FRESH_LINE = '\u001B[0m\r\n';
const MAX_MODES_LENGTH = 4_096;
/** Private modes on and off, and the full reset. */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const MODE_SWITCH = /\u001B(?:\[\?[0-9;]{1,20}[hl]|c)/g;

function clamp(value: number, low: number, high: number): number {
  return Number.isFinite(value) ? Math.min(high, Math.max(low, Math.trunc(value))) : low;
}
