import { KeyModel } from './key-model.ts';
import { keyNamed, type KeyName } from './key-sequences.ts';
import { ViCommands, type Outcome } from './vi-commands.ts';
import { ViText } from './vi-text.ts';

const ESCAPE = '\u001B';
const END_OF_INPUT = '\u0004';
const QUOTED_INSERT = '\u0016';

/** Edits the line. Returns false when the outcome is not known. */
type Edit = (text: ViText) => boolean | void;

const eraseBefore: Edit = (text) => text.eraseBefore();
const unknown: Edit = () => false;

/** Control characters that are not here are text in insert mode. */
const INSERT_MODE: Readonly<Record<string, Edit>> = {
  '\u0000': unknown,
  '\u0003': unknown,
  '\b': eraseBefore,
  '\t': unknown,
  '\u000E': unknown,
  '\u0010': unknown,
  '\u0011': unknown, // Mostly the terminal takes this one and the next but one.
  '\u0012': unknown,
  '\u0013': unknown,
  '\u0014': (text) => text.transposeCharacters(),
  '\u0015': (text) => text.kill(0),
  '\u0017': (text) => text.killErasedWord(),
  '\u0019': (text) => text.yank(),
  '\u001A': unknown,
  '\u001C': unknown,
  '\u001F': unknown,
  '\u007F': eraseBefore,
};

const NAMED: Readonly<Record<Exclude<KeyName, 'pasteBegin'>, (text: ViText) => void>> = {
  left: ({ line }) => line.moveBy(-1),
  right: ({ line }) => line.moveBy(1),
  home: ({ line }) => line.moveTo(0),
  end: ({ line }) => line.toEnd(),
  delete: (text) => text.erase(),
  wordLeft: ({ line }) => line.moveTo(line.startOfWord()),
  wordRight: ({ line }) => line.moveTo(line.endOfWord()),
  deleteWord: (text) => text.kill(text.line.endOfWord()),
};

/**
 * Readline's vi mode. Every line begins in insert mode. After ESC readline waits half a second (`keyseq-timeout`)
 * for the rest of a cursor key: `ESC [ D` in one go is the left arrow, typed slowly it is three commands. Here it
 * always counts as in one go; typed slowly, it makes screen and keys differ.
 */
export class ViModel extends KeyModel {
  readonly #text = new ViText(this.line);
  readonly #commands = new ViCommands(this.#text);
  #mode: 'insert' | 'replace' | 'command' = 'insert';
  #wasInCommandMode = false;
  /** ESC and what followed it. */
  #sequence = '';

  /** A line end behind ESC sends the line; in the middle of a cursor key, or as an argument, it does not. */
  protected override get isWaiting(): boolean {
    return this.#sequence.length > 1 || this.#commands.isWaiting;
  }

  protected override begin(): void {
    this.#mode = 'insert';
    this.#wasInCommandMode = false;
    this.#sequence = '';
    this.#text.reset();
    this.#commands.reset();
  }

  protected override type(text: readonly string[]): void {
    this.#text.type(text);
    this.#settle();
  }

  protected override press(char: string): void {
    if (this.#commands.isWaiting) this.#carryOut(this.#commands.press(char));
    else if (this.#sequence !== '') this.#pressBehindEscape(char);
    else if (char === ESCAPE && this.#mode !== 'replace') this.#beginSequence();
    else if (char === ESCAPE) this.#toCommandMode();
    else if (char === END_OF_INPUT) this.#endOfInput();
    else if (this.#mode === 'command') this.#carryOut(this.#commands.press(char));
    else if (this.#mode === 'insert') this.#pressInInsertMode(char);
    else this.#overwrite(char);
  }

  /** In vi mode Ctrl-D sends the line, if there is one. */
  #endOfInput(): void {
    if (this.line.length > 0) this.reset();
  }

  #beginSequence(): void {
    // What becomes of a count in front of a cursor key is not modelled.
    if (this.#commands.hasCount) this.markUnsure();
    this.#sequence = ESCAPE;
  }

  #pressBehindEscape(char: string): void {
    const sequence = this.#sequence.slice(1) + char;
    const key = keyNamed(sequence);
    this.#sequence = key === 'incomplete' ? ESCAPE + sequence : '';
    if (key === 'incomplete') return;
    if (key !== undefined) this.#pressNamed(key);
    else if (sequence === char) {
      this.#toCommandMode();
      this.press(char);
    } else this.markUnsure();
  }

  #pressNamed(key: KeyName): void {
    if (key !== 'pasteBegin') {
      NAMED[key](this.#text);
      this.#settle();
    } else if (this.#mode === 'insert') this.beginPaste();
    else this.markUnsure();
  }

  #toCommandMode(): void {
    if (this.#mode === 'command') return;
    this.#mode = 'command';
    this.line.moveBy(-1);
    // What was typed before ESC the first time is never taken back.
    if (this.#wasInCommandMode) this.#text.undoList.addUnknown();
    else this.#text.undoList.clear();
    this.#wasInCommandMode = true;
  }

  #carryOut(outcome: Outcome): void {
    if (outcome === 'unknown') this.markUnsure();
    else if (outcome === 'literal') this.takeNextLiterally();
    else if (outcome !== 'done') this.#mode = outcome;
    this.#settle();
  }

  /** In command mode the cursor stands on a character. */
  #settle(): void {
    if (this.#mode === 'command' && this.line.isAtEnd && this.line.length > 0) this.line.moveBy(-1);
  }

  #pressInInsertMode(char: string): void {
    if (char === QUOTED_INSERT) {
      this.takeNextLiterally();
      return;
    }
    const edit = INSERT_MODE[char];
    if (edit === undefined) this.type([char]);
    else if (edit(this.#text) === false) this.markUnsure();
  }

  /** `R`. What erases brings back what was there: not modelled. */
  #overwrite(char: string): void {
    if (char < ' ' || char === '\u007F') {
      this.markUnsure();
      return;
    }
    this.#text.erase();
    this.type([char]);
  }
}
