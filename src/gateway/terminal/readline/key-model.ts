import { LineBuffer } from './line-buffer.ts';

const ESCAPE = '\u001B';
const PASTE_END = '\u001B[201~';

/**
 * The line as one of readline's modes would hold it after the keys typed so far. What only the shell knows
 * (history, completion, macros) makes the model unsure until the next line.
 */
export abstract class KeyModel {
  protected readonly line = new LineBuffer();
  #sure = true;
  #literalNext = false;
  #inPaste = false;
  /** The beginning of what may be the mark at the end of the paste. */
  #pasteEnd = '';

  get text(): string {
    return this.line.text;
  }

  get isEmpty(): boolean {
    return this.line.length === 0;
  }

  /** False when keys were typed whose effect is not known here, or the last one waits for another. */
  get sure(): boolean {
    return this.#sure && this.line.isExact && !this.#literalNext && !this.isWaiting;
  }

  /** Between the marks of a bracketed paste: what looks like keys is text. */
  get inPaste(): boolean {
    return this.#inPaste;
  }

  /** A key was typed that takes the next one, a line end too, as its argument. */
  protected abstract get isWaiting(): boolean;

  /** A line begins. */
  protected abstract begin(): void;

  protected abstract press(char: string): void;

  /** Text came, by keys or otherwise. */
  protected abstract type(text: readonly string[]): void;

  /** A new line begins, unless what ended the last one was taken as an argument: then nobody knows. */
  reset(): void {
    this.#sure = !this.#literalNext && !this.isWaiting;
    this.line.clear();
    this.#literalNext = false;
    this.#inPaste = false;
    this.#pasteEnd = '';
    this.begin();
  }

  markUnsure(): void {
    this.#sure = false;
  }

  /** A character other than a line end. */
  feed(char: string): void {
    if (this.#inPaste) this.#paste(char);
    else if (this.#literalNext) {
      this.#literalNext = false;
      this.type([char]);
    } else this.press(char);
  }

  /** A line end: text inside a paste, otherwise the line is sent. */
  feedLineEnd(): void {
    if (!this.#inPaste) {
      this.reset();
      return;
    }
    this.#paste('');
    this.type(['\n']);
  }

  protected beginPaste(): void {
    this.#inPaste = true;
  }

  protected takeNextLiterally(): void {
    this.#literalNext = true;
  }

  #paste(char: string): void {
    if (PASTE_END.startsWith(this.#pasteEnd + char) && char !== '') this.#pasteEnd += char;
    else {
      if (this.#pasteEnd !== '') this.type(Array.from(this.#pasteEnd));
      this.#pasteEnd = char === ESCAPE ? char : '';
      if (char !== '' && char !== ESCAPE) this.type([char]);
    }
    if (this.#pasteEnd !== PASTE_END) return;
    this.#pasteEnd = '';
    this.#inPaste = false;
  }
}
