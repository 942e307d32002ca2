import { inCase, isAscii } from './characters.ts';
import { KillBuffer } from './kill-buffer.ts';
import type { LineBuffer } from './line-buffer.ts';
import { UndoList } from './undo-list.ts';
import { startOfErasedWord } from './vi-words.ts';

/** The line with what vi mode remembers of it. What returns false has an outcome that is not known. */
export class ViText {
  readonly line: LineBuffer;
  readonly undoList = new UndoList();
  readonly #kills = new KillBuffer(false);

  constructor(line: LineBuffer) {
    this.line = line;
  }

  get isAscii(): boolean {
    return this.line.chars.every(isAscii);
  }

  reset(): void {
    this.undoList.clear();
    this.#kills.reset();
  }

  /** What is between the cursor and a position. */
  kill(to: number): void {
    if (to === this.line.cursor) return;
    const text = this.line.cut(this.line.cursor, to);
    this.undoList.addCut(this.line.cursor, text);
    this.#kills.take(text, true);
  }

  /** The character under the cursor, without keeping it. */
  erase(): void {
    const text = this.line.cut(this.line.cursor, this.line.cursor + 1);
    this.undoList.addCut(this.line.cursor, text);
  }

  eraseBefore(): void {
    if (this.line.cursor === 0) return;
    this.line.moveBy(-1);
    this.erase();
  }

  transposeCharacters(): void {
    this.line.transposeCharacters();
    this.undoList.addUnknown();
  }

  type(text: readonly string[]): void {
    this.undoList.addInsert(this.line.cursor, text.length);
    this.line.insert(text);
  }

  copy(from: number, to: number): void {
    if (from < to) this.#kills.take(this.line.chars.slice(from, to), true);
  }

  /** Ctrl-W. Readline looks at bytes here. */
  killErasedWord(): boolean {
    this.kill(startOfErasedWord(this.line.chars, this.line.cursor));
    return this.isAscii;
  }

  /** Puts what was killed last at the cursor. */
  yank(count = 1): boolean {
    const { text } = this.#kills;
    if (text === undefined) return false;
    for (let step = 0; step < count; step += 1) this.type(text);
    return true;
  }

  put(count: number, behind: boolean): boolean {
    if (behind) this.line.moveBy(1);
    const isKnown = this.yank(count);
    this.line.moveBy(-1);
    return isKnown;
  }

  /** `r` */
  replaceWith(char: string, count: number): void {
    this.undoList.inGroup(() => {
      for (let step = 0; step < count && !this.line.isAtEnd; step += 1) this.#exchange(char);
    });
    this.line.moveBy(-1);
  }

  /** `~` */
  changeCase(count: number): boolean {
    for (let step = 0; step < count && this.line.under !== undefined; step += 1) {
      const { under } = this.line;
      const upper = inCase(under, 'upper');
      const changed = upper === under ? inCase(under, 'lower') : upper;
      if (changed === undefined || (changed !== under && !isAscii(under))) return false;
      if (changed === under) this.line.moveBy(1);
      else {
        this.undoList.inGroup(() => this.#exchange(changed));
        if (this.line.isAtEnd) this.line.moveBy(-1);
      }
    }
    return true;
  }

  /** `u` */
  undo(count: number): boolean {
    for (let step = 0; step < count; step += 1) if (!this.undoList.undo(this.line)) return false;
    return true;
  }

  /** `U` */
  revert(): boolean {
    if (this.undoList.isEmpty) return true;
    while (!this.undoList.isEmpty) if (!this.undoList.undo(this.line)) return false;
    this.line.moveTo(0);
    return true;
  }

  #exchange(char: string): void {
    this.kill(this.line.cursor + 1);
    this.type([char]);
  }
}
