import type { LineBuffer } from './line-buffer.ts';

/** What was killed last, which Ctrl-Y and `p` bring back. What earlier lines left in it is not known here. */
export class KillBuffer {
  readonly #joins: boolean;
  #text: readonly string[] | undefined;
  #last: 'kill' | 'perhaps-kill' | 'other' = 'other';
  #before: 'kill' | 'perhaps-kill' | 'other' = 'other';

  /** `joins`: kills that follow each other become one. In vi mode they do not. */
  constructor(joins: boolean) {
    this.#joins = joins;
  }

  get text(): readonly string[] | undefined {
    return this.#text;
  }

  reset(): void {
    this.#text = undefined;
    this.#last = 'other';
  }

  /** A key was typed. */
  nextKey(): void {
    this.#before = this.#last;
    this.#last = 'other';
  }

  /**
   * The key is text. Readline takes text that is already there in one go, and then does not forget that a kill
   * came before it: whether the next kill joins depends on how fast was typed.
   */
  noteText(): void {
    if (this.#before !== 'other') this.#last = 'perhaps-kill';
  }

  /** Kills what is between the cursor and a position. */
  kill(line: LineBuffer, to: number): void {
    const from = line.cursor;
    if (from === to) return;
    this.take(line.cut(from, to), from < to);
  }

  take(text: readonly string[], behind: boolean): void {
    this.#last = 'kill';
    const before = this.#joins ? this.#before : 'other';
    if (before === 'other') this.#text = text;
    else if (before === 'perhaps-kill' || this.#text === undefined) this.#text = undefined;
    else this.#text = behind ? [...this.#text, ...text] : [...text, ...this.#text];
  }
}
