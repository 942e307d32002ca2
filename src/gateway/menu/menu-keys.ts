export type MenuKey =
  | { readonly key: 'text'; readonly text: string }
  | { readonly key: 'enter' | 'erase' | 'eraseWord' | 'eraseAll' | 'escape' | 'end' | 'redraw' }
  | { readonly key: 'up' | 'down' | 'pageUp' | 'pageDown' | 'first' | 'last' };

/** An escape sequence that goes on longer than this is none. */
const MAX_SEQUENCE = 16;

const SEQUENCES: Readonly<
  Record<string, MenuKey['key'] & ('up' | 'down' | 'pageUp' | 'pageDown' | 'first' | 'last')>
> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[D': 'pageUp',
  OD: 'pageUp',
  '[5~': 'pageUp',
  '[C': 'pageDown',
  OC: 'pageDown',
  '[6~': 'pageDown',
  '[H': 'first',
  '[1~': 'first',
  OH: 'first',
  '[F': 'last',
  '[4~': 'last',
  OF: 'last',
};

/** Turns bytes into keys; sequences and characters may be split between calls. */
export class MenuKeys {
  readonly #decoder = new TextDecoder();
  #escape = '';
  #afterReturn = false;

  read(bytes: Uint8Array): readonly MenuKey[] {
    const keys: MenuKey[] = [];
    const text = this.#decoder.decode(bytes, { stream: true });
    for (const char of text) this.#take(char, keys);
    // A lone escape is a key by itself when nothing follows it in the same piece.
    if (this.#escape === '\u001B') {
      this.#escape = '';
      keys.push({ key: 'escape' });
    }
    return keys;
  }

  #take(char: string, keys: MenuKey[]): void {
    if (this.#escape !== '') {
      this.#escape += char;
      const sequence = this.#escape.slice(1);
      if (/^(\[[0-9;?]*|O)$/.test(sequence) && sequence.length < MAX_SEQUENCE) return;
      this.#escape = '';
      const key = Object.hasOwn(SEQUENCES, sequence) ? SEQUENCES[sequence] : undefined;
      if (key !== undefined) keys.push({ key });
      return;
    }
    const afterReturn = this.#afterReturn;
    this.#afterReturn = char === '\r';
    switch (char) {
      case '\u001B':
        this.#escape = char;
        return;
      case '\r':
        keys.push({ key: 'enter' });
        return;
      case '\n':
        // CR LF is one key.
        if (!afterReturn) keys.push({ key: 'enter' });
        return;
      case '\b':
      case '\u007F':
        keys.push({ key: 'erase' });
        return;
      case '\u0003':
      case '\u0015':
        keys.push({ key: 'eraseAll' });
        return;
      case '\u0004':
        keys.push({ key: 'end' });
        return;
      case '\u000C':
        keys.push({ key: 'redraw' });
        return;
      case '\u0017':
        keys.push({ key: 'eraseWord' });
        return;
      case '\u000E':
        keys.push({ key: 'down' });
        return;
      case '\u0010':
        keys.push({ key: 'up' });
        return;
      default:
        if (!/\p{C}/u.test(char)) keys.push({ key: 'text', text: char });
    }
  }
}
