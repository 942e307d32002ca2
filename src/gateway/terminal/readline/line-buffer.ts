import { isBlank, isLetterOrDigit, isPlain } from './characters.ts';

/** Longer lines are not followed. */
const MAX_LENGTH = 70_000;

/** Readline's line: characters and a cursor between them, and the edits that both of its modes have. */
export class LineBuffer {
  #chars: string[] = [];
  #cursor = 0;
  #isPlain = true;
  #isExact = true;

  get text(): string {
    return this.#chars.join('');
  }

  get chars(): readonly string[] {
    return this.#chars;
  }

  get length(): number {
    return this.#chars.length;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** The character under the cursor. */
  get under(): string | undefined {
    return this.#chars[this.#cursor];
  }

  get isAtEnd(): boolean {
    return this.#cursor === this.#chars.length;
  }

  /** False when it became too long, or was edited where an edit may take more than one character. */
  get isExact(): boolean {
    return this.#isExact;
  }

  clear(): void {
    this.#chars = [];
    this.#cursor = 0;
    this.#isPlain = true;
    this.#isExact = true;
  }

  moveTo(position: number): void {
    this.#isExact &&= this.#isPlain;
    this.#cursor = Math.min(this.#chars.length, Math.max(0, position));
  }

  moveBy(distance: number): void {
    this.moveTo(this.#cursor + distance);
  }

  toEnd(): void {
    this.moveTo(this.#chars.length);
  }

  insert(text: readonly string[]): void {
    if (this.#chars.length + text.length > MAX_LENGTH) {
      this.#isExact = false;
      return;
    }
    this.#isPlain &&= text.every(isPlain);
    this.#chars.splice(this.#cursor, 0, ...text);
    this.#cursor += text.length;
  }

  /** Takes the characters between two positions away; the cursor ends where they were. */
  cut(from: number, to: number): readonly string[] {
    const start = Math.max(0, Math.min(from, to));
    const end = Math.min(this.#chars.length, Math.max(from, to));
    this.moveTo(start);
    return this.#chars.splice(start, end - start);
  }

  /** Puts as many characters in the place of those at a position. */
  replace(from: number, text: readonly string[]): void {
    this.#isExact &&= this.#isPlain;
    this.#chars.splice(from, text.length, ...text);
  }

  /** At the end of the line the two characters before the cursor, elsewhere those around it. */
  transposeCharacters(): void {
    if (this.#chars.length < 2 || this.#cursor === 0) return;
    const right = this.isAtEnd ? this.#cursor - 1 : this.#cursor;
    const [before, after] = [this.#chars[right - 1], this.#chars[right]];
    if (before === undefined || after === undefined) return;
    this.replace(right - 1, [after, before]);
    this.moveTo(right + 1);
  }

  startOfWord(from = this.#cursor): number {
    let at = from;
    while (at > 0 && !isLetterOrDigit(this.#chars[at - 1])) at -= 1;
    while (at > 0 && isLetterOrDigit(this.#chars[at - 1])) at -= 1;
    return at;
  }

  endOfWord(from = this.#cursor): number {
    let at = from;
    while (at < this.#chars.length && !isLetterOrDigit(this.#chars[at])) at += 1;
    while (at < this.#chars.length && isLetterOrDigit(this.#chars[at])) at += 1;
    return at;
  }

  startOfBlankWord(): number {
    let at = this.#cursor;
    while (at > 0 && isBlank(this.#chars[at - 1])) at -= 1;
    while (at > 0 && !isBlank(this.#chars[at - 1])) at -= 1;
    return at;
  }
}
