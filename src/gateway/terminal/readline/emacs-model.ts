import { inCase, isBlank } from './characters.ts';
import { KeyModel } from './key-model.ts';
import { keyNamed, type KeyName } from './key-sequences.ts';
import { KillBuffer } from './kill-buffer.ts';
import type { LineBuffer } from './line-buffer.ts';

/** Edits the line. Returns false when the outcome is not known. */
type Command = (line: LineBuffer, kills: KillBuffer) => boolean | void;

const nothing: Command = () => undefined;
const left: Command = (line) => line.moveBy(-1);
const right: Command = (line) => line.moveBy(1);
const home: Command = (line) => line.moveTo(0);
const end: Command = (line) => line.toEnd();
const wordLeft: Command = (line) => line.moveTo(line.startOfWord());
const wordRight: Command = (line) => line.moveTo(line.endOfWord());
const erase: Command = (line) => void line.cut(line.cursor, line.cursor + 1);
const eraseBefore: Command = (line) => void line.cut(line.cursor - 1, line.cursor);
const killWord: Command = (line, kills) => kills.kill(line, line.endOfWord());
const killWordBefore: Command = (line, kills) => kills.kill(line, line.startOfWord());

const CONTROLS: Readonly<Record<string, Command>> = {
  '\u0000': nothing, // The mark: nothing that is modelled looks at it.
  '\u0001': home,
  '\u0002': left,
  '\u0004': erase,
  '\u0005': end,
  '\u0006': right,
  '\b': eraseBefore,
  '\u007F': eraseBefore,
  '\u000B': (line, kills) => kills.kill(line, line.length),
  '\u000C': nothing,
  '\u0014': (line) => line.transposeCharacters(),
  '\u0015': (line, kills) => kills.kill(line, 0),
  '\u0017': (line, kills) => kills.kill(line, line.startOfBlankWord()),
};

/** Behind ESC, which is what a terminal sends for Alt. */
const META: Readonly<Record<string, Command>> = {
  ' ': nothing,
  '\b': killWordBefore,
  '\u007F': killWordBefore,
  '\u000C': nothing,
  '\\': eraseBlanks,
  b: wordLeft,
  c: (line) => changeWord(line, (word) => [...word.slice(0, 1).map(upper), ...word.slice(1).map(lower)]),
  d: killWord,
  f: wordRight,
  l: (line) => changeWord(line, (word) => word.map(lower)),
  t: transposeWords,
  u: (line) => changeWord(line, (word) => word.map(upper)),
};

const KEYS: Readonly<Record<Exclude<KeyName, 'pasteBegin'>, Command>> = {
  left,
  right,
  home,
  end,
  delete: erase,
  wordLeft,
  wordRight,
  deleteWord: killWord,
};

const QUOTED_INSERT = '\u0016';
const YANK = '\u0019';
const ESCAPE = '\u001B';

/** Readline's emacs mode, which it starts in unless told otherwise. */
export class EmacsModel extends KeyModel {
  readonly #kills = new KillBuffer(true);
  /** ESC and what followed it. */
  #sequence = '';

  /** A line end behind ESC is another key, and runs nothing. */
  protected override get isWaiting(): boolean {
    return this.#sequence !== '';
  }

  protected override begin(): void {
    this.#sequence = '';
    this.#kills.reset();
  }

  protected override type(text: readonly string[]): void {
    this.line.insert(text);
    this.#kills.nextKey();
    this.#kills.noteText();
  }

  protected override press(char: string): void {
    if (this.#sequence !== '') this.#pressBehindEscape(char);
    else if (char === ESCAPE) this.#sequence = char;
    else if (char >= ' ' && char !== '\u007F') this.type([char]);
    else if (char === QUOTED_INSERT) this.takeNextLiterally();
    else if (char === YANK) this.#yank();
    else this.#run(CONTROLS[char]);
  }

  #pressBehindEscape(char: string): void {
    const sequence = this.#sequence.slice(1) + char;
    const key = keyNamed(sequence);
    this.#sequence = key === 'incomplete' ? ESCAPE + sequence : '';
    if (key === 'incomplete') return;
    if (key === 'pasteBegin') this.beginPaste();
    // Readline looks for the small letter when a capital is not bound.
    else this.#run(key === undefined ? META[sequence.toLowerCase()] : KEYS[key]);
  }

  #run(command: Command | undefined): void {
    this.#kills.nextKey();
    if (command === undefined || command(this.line, this.#kills) === false) this.markUnsure();
  }

  #yank(): void {
    this.#kills.nextKey();
    if (this.#kills.text === undefined) this.markUnsure();
    else this.line.insert(this.#kills.text);
  }
}

function eraseBlanks(line: LineBuffer): void {
  let from = line.cursor;
  let to = line.cursor;
  while (isBlank(line.chars[from - 1])) from -= 1;
  while (isBlank(line.chars[to])) to += 1;
  line.cut(from, to);
}

const upper = (char: string): string | undefined => inCase(char, 'upper');
const lower = (char: string): string | undefined => inCase(char, 'lower');

/** Changes what is between the cursor and the end of the word. */
function changeWord(
  line: LineBuffer,
  change: (word: readonly string[]) => readonly (string | undefined)[],
): boolean {
  const start = line.startOfWord(line.endOfWord());
  const from = Math.max(line.cursor, start);
  const to = line.endOfWord();
  const changed = change(line.chars.slice(from, to));
  const known = changed.filter((char) => char !== undefined);
  line.replace(from, known.length === changed.length ? known : []);
  line.moveTo(to);
  return known.length === changed.length;
}

/** The word before the cursor goes behind the one under it or, at the end, behind the last one. */
function transposeWords(line: LineBuffer): void {
  const end = line.endOfWord();
  const begin = line.startOfWord(end);
  const beginBefore = line.startOfWord(begin);
  const endBefore = line.endOfWord(beginBefore);
  if (beginBefore === begin || begin < endBefore) return;
  const { chars } = line;
  line.replace(beginBefore, [
    ...chars.slice(begin, end),
    ...chars.slice(endBefore, begin),
    ...chars.slice(beginBefore, endBefore),
  ]);
  line.moveTo(end);
}
