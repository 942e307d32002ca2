/**
 * The line as readline would hold it after the keys typed so far (emacs bindings, the default of bash). Keys
 * whose effect depends on what only the shell knows (history, completion, macros) make it unsure: then the
 * screen alone says what the line is.
 */
export class KeystrokeLine {
  #chars: string[] = [];
  #cursor = 0;
  #sure = true;
  #escape = '';
  #literalNext = false;
  #paste = false;
  readonly #decoder = new TextDecoder();

  get text(): string {
    return this.#chars.join('');
  }

  /** False when keys were typed whose effect is not known here. */
  get sure(): boolean {
    return this.#sure && !this.#literalNext;
  }

  get isEmpty(): boolean {
    return this.#chars.length === 0;
  }

  /** Between the marks of a bracketed paste: what looks like keys is text. */
  get inPaste(): boolean {
    return this.#paste;
  }

  /** A new line begins. */
  reset(): void {
    this.#chars = [];
    this.#cursor = 0;
    this.#sure = true;
    this.#escape = '';
    this.#literalNext = false;
    this.#paste = false;
  }

  /** The line is not empty to begin with, or was replaced, by something not known here. */
  markUnsure(): void {
    this.#sure = false;
  }

  /** A line end inside a bracketed paste. */
  addLineEnd(): void {
    this.#insert('\n');
  }

  /** Takes keys without line ends. */
  feed(bytes: Uint8Array): void {
    for (const char of this.#decoder.decode(bytes, { stream: true })) this.#key(char);
    if (this.#chars.length > MAX_LENGTH) {
      this.#chars.length = MAX_LENGTH;
      this.#cursor = Math.min(this.#cursor, MAX_LENGTH);
      this.#sure = false;
    }
  }

  #key(char: string): void {
    if (this.#escape !== '') this.#escapeKey(char);
    else if (char === '\u001B') this.#escape = char;
    else if (this.#paste) this.#insert(char);
    else if (this.#literalNext) {
      this.#literalNext = false;
      this.#insert(char);
    } else if (char >= ' ' && char !== '\u007F') this.#insert(char);
    else this.#control(char);
  }

  #control(char: string): void {
    switch (char) {
      case '\u0001':
        this.#cursor = 0;
        return;
      case '\u0002':
        this.#move(-1);
        return;
      case '\u0004':
        this.#cut(this.#cursor, this.#cursor + 1);
        return;
      case '\u0005':
        this.#cursor = this.#chars.length;
        return;
      case '\u0006':
        this.#move(1);
        return;
      case '\b':
      case '\u007F':
        this.#cut(this.#cursor - 1, this.#cursor);
        return;
      case '\u000B':
        this.#cut(this.#cursor, this.#chars.length);
        return;
      case '\u000C':
      case '\u0000':
        return;
      case '\u0014':
        this.#transpose();
        return;
      case '\u0015':
        this.#cut(0, this.#cursor);
        return;
      case '\u0016':
        this.#literalNext = true;
        return;
      case '\u0017':
        this.#cut(this.#startOfBlankWord(), this.#cursor);
        return;
      default:
        // Completion, history, search, undo, what was killed before (readline joins kills depending on how fast
        // the keys come): the shell decides.
        this.#sure = false;
    }
  }

  #escapeKey(char: string): void {
    this.#escape += char;
    const sequence = this.#escape.slice(1);
    const incomplete = sequence === '[' || sequence === 'O' || /^\[[0-9;?]*$/.test(sequence);
    if (incomplete && this.#escape.length < 16) return;
    this.#escape = '';
    const edit = ESCAPES[sequence];
    if (sequence === '[200~') this.#paste = true;
    else if (sequence === '[201~') this.#paste = false;
    else if (this.#paste) for (const one of `\u001B${sequence}`) this.#insert(one);
    else if (edit === undefined) this.#sure = false;
    else this.#edit(edit);
  }

  #edit(edit: Edit): void {
    switch (edit) {
      case 'left':
        this.#move(-1);
        return;
      case 'right':
        this.#move(1);
        return;
      case 'home':
        this.#cursor = 0;
        return;
      case 'end':
        this.#cursor = this.#chars.length;
        return;
      case 'delete':
        this.#cut(this.#cursor, this.#cursor + 1);
        return;
      case 'wordLeft':
        this.#cursor = this.#startOfWord();
        return;
      case 'wordRight':
        this.#cursor = this.#endOfWord();
        return;
      case 'eraseWordLeft':
        this.#cut(this.#startOfWord(), this.#cursor);
        return;
      case 'eraseWordRight':
        this.#cut(this.#cursor, this.#endOfWord());
        return;
      default:
        edit satisfies never;
    }
  }

  #insert(char: string): void {
    this.#chars.splice(this.#cursor, 0, char);
    this.#cursor += 1;
  }

  #move(by: number): void {
    this.#cursor = Math.min(this.#chars.length, Math.max(0, this.#cursor + by));
  }

  #cut(from: number, to: number): void {
    const start = Math.max(0, from);
    this.#chars.splice(start, Math.max(0, Math.min(to, this.#chars.length) - start));
    this.#cursor = Math.min(start, this.#chars.length);
  }

  /** At the end of the line the two characters before the cursor, elsewhere those around it. */
  #transpose(): void {
    if (this.#chars.length < 2 || this.#cursor === 0) return;
    const right = this.#cursor === this.#chars.length ? this.#cursor - 1 : this.#cursor;
    const [before, after] = [this.#chars[right - 1], this.#chars[right]];
    if (before === undefined || after === undefined) return;
    this.#chars.splice(right - 1, 2, after, before);
    this.#cursor = right + 1;
  }

  #startOfBlankWord(): number {
    let at = this.#cursor;
    while (at > 0 && /\s/.test(this.#chars[at - 1] ?? '')) at -= 1;
    while (at > 0 && !/\s/.test(this.#chars[at - 1] ?? '')) at -= 1;
    return at;
  }

  #startOfWord(): number {
    let at = this.#cursor;
    while (at > 0 && !WORD.test(this.#chars[at - 1] ?? '')) at -= 1;
    while (at > 0 && WORD.test(this.#chars[at - 1] ?? '')) at -= 1;
    return at;
  }

  #endOfWord(): number {
    let at = this.#cursor;
    while (at < this.#chars.length && !WORD.test(this.#chars[at] ?? '')) at += 1;
    while (at < this.#chars.length && WORD.test(this.#chars[at] ?? '')) at += 1;
    return at;
  }
}

const MAX_LENGTH = 70_000;
const WORD = /[\p{L}\p{N}]/u;

type Edit =
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'delete'
  | 'wordLeft'
  | 'wordRight'
  | 'eraseWordLeft'
  | 'eraseWordRight';

/**
 * Sequences behind ESC that xterm and its relatives send and readline binds by itself. What only some
 * `/etc/inputrc` binds is left to the screen.
 */
const ESCAPES: Readonly<Record<string, Edit>> = {
  '[D': 'left',
  OD: 'left',
  '[C': 'right',
  OC: 'right',
  '[H': 'home',
  OH: 'home',
  '[F': 'end',
  OF: 'end',
  '[3~': 'delete',
  b: 'wordLeft',
  f: 'wordRight',
  '\u007F': 'eraseWordLeft',
  d: 'eraseWordRight',
};
