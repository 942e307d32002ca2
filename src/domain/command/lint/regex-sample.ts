/** What stands for itself nowhere: an example of each class. */
const CLASS_SAMPLES: Readonly<Record<string, string>> = {
  d: '0',
  w: 'x',
  s: ' ',
  D: 'x',
  W: ' ',
  S: 'x',
  t: '\t',
  n: '\n',
  b: '',
  B: '',
  A: '',
  z: '',
};
const MAX_COPIES = 8;

/**
 * A short text that a pattern of RE2 probably matches: first alternative, fewest repetitions. A guess, to be
 * tried before anything is said about it; undefined when the pattern is beyond this.
 */
export function regexSample(source: string): string | undefined {
  const reader = new Reader(source);
  const sample = reader.alternatives();
  return reader.atEnd ? sample : undefined;
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  get atEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  alternatives(): string {
    const first = this.#sequence();
    while (this.#take('|')) this.#sequence();
    return first;
  }

  #sequence(): string {
    let text = '';
    while (!this.atEnd && !this.#sees('|') && !this.#sees(')')) text += this.#repeated(this.#atom());
    return text;
  }

  #atom(): string {
    const char = this.#next();
    if (char === '(') return this.#group();
    if (char === '[') return this.#class();
    if (char === '\\') return this.#escape();
    if (char === '^' || char === '$') return '';
    return char === '.' ? 'x' : char;
  }

  #group(): string {
    const head = /^\?(?:P?<\w+>|[imsU-]*([:)]))/.exec(this.#source.slice(this.#at));
    if (head !== null) {
      this.#at += head[0].length;
      if (head[1] === ')') return '';
    }
    const text = this.alternatives();
    this.#take(')');
    return text;
  }

  /** One character of a class; of a negated one, a letter that is seldom in it. */
  #class(): string {
    const negated = this.#take('^');
    let first: string | undefined;
    for (let isFirst = true; !this.atEnd && (isFirst || !this.#sees(']')); isFirst = false) {
      const named = /^\[:\^?\w+:\]/.exec(this.#source.slice(this.#at));
      if (named !== null) this.#at += named[0].length;
      const char = named === null ? this.#next() : 'x';
      first ??= char === '\\' ? this.#escape() : char;
    }
    this.#take(']');
    return negated ? 'x' : (first ?? '');
  }

  #escape(): string {
    const char = this.#next();
    const rest = this.#source.slice(this.#at);
    if (char === 'Q') {
      const end = rest.indexOf('\\E');
      const quoted = end < 0 ? rest : rest.slice(0, end);
      this.#at += quoted.length + (end < 0 ? 0 : 2);
      return quoted;
    }
    const code = char === 'x' ? /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2}))/.exec(rest) : null;
    if (code !== null) {
      this.#at += code[0].length;
      const point = Number.parseInt(code[1] ?? code[2] ?? '', 16);
      return point <= 0x10_ff_ff ? String.fromCodePoint(point) : '';
    }
    if (char === 'p' || char === 'P') {
      this.#at += /^(?:\{\^?\w+\}|\w)/.exec(rest)?.[0].length ?? 0;
      return 'x';
    }
    return CLASS_SAMPLES[char] ?? char;
  }

  #repeated(text: string): string {
    const found = /^(?:[*?+]|\{(\d+)(?:,\d*)?\})\??/.exec(this.#source.slice(this.#at));
    if (found === null) return text;
    this.#at += found[0].length;
    if (found[0].startsWith('*') || found[0].startsWith('?')) return '';
    return text.repeat(Math.min(MAX_COPIES, Number(found[1] ?? 1)));
  }

  #next(): string {
    const char = this.#source[this.#at] ?? '';
    this.#at += 1;
    return char;
  }

  #sees(char: string): boolean {
    return this.#source[this.#at] === char;
  }

  #take(char: string): boolean {
    if (!this.#sees(char)) return false;
    this.#at += 1;
    return true;
  }
}
