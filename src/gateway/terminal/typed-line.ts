import { EmacsModel } from './readline/emacs-model.ts';
import type { KeyModel } from './readline/key-model.ts';
import { Utf8Reader } from './readline/utf8-reader.ts';
import { ViModel } from './readline/vi-model.ts';

/**
 * The line as readline would hold it after the keys typed so far. Whether the shell edits in emacs or in vi mode
 * cannot be asked, so both are modelled; what the screen shows tells which one is in use. Until then it is emacs
 * mode, the default.
 *
 * The screen is drawn by the asset. So that a false screen gains nothing, no reading makes up for one of emacs
 * mode: the line is known for sure only when that is.
 */
export class TypedLine {
  readonly #emacs = new EmacsModel();
  readonly #models: readonly KeyModel[] = [this.#emacs, new ViModel()];
  #inUse: KeyModel = this.#emacs;
  readonly #utf8 = new Utf8Reader();

  /** What the line is in the modes that know: different texts, the mode in use first. */
  get readings(): readonly string[] {
    if (this.#utf8.isWithin) return [];
    const models = [this.#inUse, ...this.#models];
    return [...new Set(models.filter(({ sure }) => sure).map(({ text }) => text))];
  }

  /** The line in the mode in use. */
  get text(): string {
    return this.#inUse.text;
  }

  /** False when keys were typed whose effect is not known here. */
  get sure(): boolean {
    return !this.#utf8.isWithin && this.#inUse.sure && this.#emacs.sure;
  }

  /** False when a mode that is perhaps in use may have made another line of the keys. */
  get sureInEveryMode(): boolean {
    return !this.#utf8.isWithin && this.#models.every(({ sure }) => sure);
  }

  /** False when a mode has text on the line, or may have. */
  get isEmpty(): boolean {
    return this.sureInEveryMode && this.#models.every(({ isEmpty }) => isEmpty);
  }

  /** The screen has shown a line of vi mode. There Ctrl-D sends a line. */
  get inViMode(): boolean {
    return this.#inUse !== this.#emacs;
  }

  /** Between the marks of a bracketed paste: what looks like keys is text. */
  get inPaste(): boolean {
    return this.#inUse.inPaste;
  }

  /** A new line begins. */
  reset(): void {
    const isCut = this.#utf8.isWithin;
    this.#utf8.reset();
    for (const model of this.#models) {
      model.reset();
      if (isCut) model.markUnsure();
    }
  }

  /** The line is not empty to begin with, or was replaced, by something not known here. */
  markUnsure(): void {
    for (const model of this.#models) model.markUnsure();
  }

  /** The screen shows this reading: a mode that has it is in use. */
  agreedWith(reading: string): void {
    const agrees = ({ sure, text }: KeyModel): boolean => sure && text === reading;
    if (!agrees(this.#inUse)) this.#inUse = this.#models.find(agrees) ?? this.#inUse;
  }

  /** A line end inside a bracketed paste. */
  addLineEnd(): void {
    for (const model of this.#models) model.feedLineEnd();
  }

  /** Takes keys without line ends. */
  feed(bytes: Uint8Array): void {
    for (const char of this.#utf8.read(bytes)) {
      for (const model of this.#models) model.feed(char);
      // What was not text cannot be followed.
      if (char === '\uFFFD') this.markUnsure();
    }
  }
}
