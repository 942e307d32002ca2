import { BYTEWISE, MOTIONS, reversed, searchChar, type CharSearch, type Motion } from './vi-motions.ts';
import { spanOf, type Operator, type Span } from './vi-operators.ts';
import type { ViText } from './vi-text.ts';

const ESCAPE = '\u001B';

/** What a key led to: another mode, or that the next key is text, or that nobody knows what the line is. */
export type Outcome = 'done' | 'insert' | 'replace' | 'literal' | 'unknown';

/** What the next key is the argument of. */
type Waiting =
  | { readonly for: 'motion'; readonly operator: Operator }
  | { readonly for: 'char'; readonly key: CharSearch['key']; readonly operator: Operator | undefined }
  | { readonly for: 'replacement' | 'mark' };

type Command = (text: ViText, count: number) => Outcome;

function always(edit: (text: ViText, count: number) => void, outcome: Outcome = 'done'): Command {
  return (text, count) => {
    edit(text, count);
    return outcome;
  };
}

function ifKnown(edit: (text: ViText, count: number) => boolean): Command {
  return (text, count) => (edit(text, count) ? 'done' : 'unknown');
}

/** Those that take no argument, are no motion, and need no other line than this one. */
const COMMANDS: Readonly<Record<string, Command>> = {
  '\u0007': always(() => undefined),
  '\b': always(({ line }, count) => line.moveBy(-count)),
  '\u000B': always((text) => text.kill(text.line.length)),
  '\u000C': always(() => undefined),
  '\u0014': (text, count) => {
    text.transposeCharacters();
    return count === 1 ? 'done' : 'unknown';
  },
  '\u0015': always((text) => text.kill(0)),
  '\u0016': always(() => undefined, 'literal'),
  '\u0017': ifKnown((text) => text.killErasedWord()),
  '\u0019': ifKnown((text) => text.yank()),
  a: always(({ line }) => line.moveBy(1), 'insert'),
  A: always(({ line }) => line.toEnd(), 'insert'),
  i: always(() => undefined, 'insert'),
  I: always(({ line }) => line.moveTo(0), 'insert'),
  p: ifKnown((text, count) => text.put(count, true)),
  P: ifKnown((text, count) => text.put(count, false)),
  R: always(() => undefined, 'replace'),
  u: ifKnown((text, count) => text.undo(count)),
  U: ifKnown((text) => text.revert()),
  x: always((text, count) => text.kill(Math.min(text.line.cursor + count, text.line.length))),
  X: always((text, count) => text.kill(Math.max(text.line.cursor - count, 0))),
  '~': ifKnown((text, count) => text.changeCase(count)),
};

/** Not bound: readline beeps. */
const UNBOUND = `\u007Fgoqz!"'():<>[]{}HJKLMOQVZ`;

/** Other names for an operator and its motion. */
const SHORT: Readonly<Record<string, readonly [Operator, string]>> = {
  C: ['c', '$'],
  D: ['d', '$'],
  S: ['c', 'c'],
  s: ['c', 'l'],
  Y: ['y', '$'],
};

/** A larger count is more than anybody means. */
const MAX_COUNT = 1_000;

/** Command mode: counts, operators and their motions. */
export class ViCommands {
  readonly #text: ViText;
  #count: number | undefined;
  #operatorCount = 1;
  #waiting: Waiting | undefined;
  /** Undefined: from an earlier line, not known. */
  #search: CharSearch | undefined;

  constructor(text: ViText) {
    this.#text = text;
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  get hasCount(): boolean {
    return this.#count !== undefined;
  }

  reset(): void {
    this.#count = undefined;
    this.#operatorCount = 1;
    this.#waiting = undefined;
    this.#search = undefined;
  }

  press(char: string): Outcome {
    const waiting = this.#waiting;
    const takesCount = waiting === undefined || waiting.for === 'motion';
    if (takesCount && (/^[1-9]$/.test(char) || (char === '0' && this.hasCount))) return this.#digit(char);
    this.#waiting = undefined;
    switch (waiting?.for) {
      case 'motion':
        return this.#operate(waiting.operator, char);
      case 'char':
        this.#search = { key: waiting.key, char };
        return this.#searchBy(waiting.key, this.#search, waiting.operator);
      case 'replacement':
        return this.#replaceWith(char);
      case 'mark':
        this.#takeCount();
        return 'done';
      case undefined:
        return this.#command(char);
      default:
        return waiting satisfies never;
    }
  }

  #digit(char: string): Outcome {
    this.#count = (this.#count ?? 0) * 10 + Number(char);
    return this.#count > MAX_COUNT ? 'unknown' : 'done';
  }

  #takeCount(): number {
    const count = this.#operatorCount * (this.#count ?? 1);
    this.#operatorCount = 1;
    this.#count = undefined;
    return count;
  }

  #command(char: string): Outcome {
    if (char === 'd' || char === 'c' || char === 'y') {
      this.#operatorCount = this.#takeCount();
      return this.#waitFor({ for: 'motion', operator: char });
    }
    if (char === 'r') return this.#waitFor({ for: 'replacement' });
    if (char === 'm') return this.#waitFor({ for: 'mark' });
    const short = SHORT[char];
    if (short !== undefined) return this.#operate(...short);
    const moved = this.#move(char, undefined);
    if (moved !== undefined) return moved;
    const command = COMMANDS[char];
    if (command === undefined && !UNBOUND.includes(char)) return 'unknown';
    const count = this.#takeCount();
    return command?.(this.#text, count) ?? 'done';
  }

  #waitFor(waiting: Waiting): Outcome {
    this.#waiting = waiting;
    return 'done';
  }

  #operate(operator: Operator, motion: string): Outcome {
    if (motion === operator) {
      // With a count between the two, readline takes the second for a command.
      if (this.hasCount) return 'unknown';
      this.#takeCount();
      return this.#apply(operator, { from: 0, to: this.#text.line.length });
    }
    const moved = this.#move(motion, operator);
    if (moved !== undefined) return moved;
    const isKnown = !this.hasCount;
    this.#takeCount();
    return isKnown ? 'done' : 'unknown';
  }

  /** Undefined: the key is no motion. */
  #move(key: string, operator: Operator | undefined): Outcome | undefined {
    if (key === 'f' || key === 'F' || key === 't' || key === 'T')
      return this.#waitFor({ for: 'char', key, operator });
    if (key === ';' || key === ',') {
      if (this.#search === undefined) return 'unknown';
      return this.#searchBy(key, key === ';' ? this.#search : reversed(this.#search), operator);
    }
    const motion = MOTIONS[key];
    return motion === undefined ? undefined : this.#moveBy(key, motion, operator);
  }

  #searchBy(key: string, search: CharSearch, operator: Operator | undefined): Outcome {
    return this.#moveBy(key, (text, from, count) => searchChar(text, from, count, search), operator);
  }

  #moveBy(key: string, motion: Motion, operator: Operator | undefined): Outcome {
    const { line, isAscii } = this.#text;
    const count = this.#takeCount();
    if (BYTEWISE.has(key) && !isAscii) return 'unknown';
    if (operator === undefined) {
      line.moveTo(motion(line.chars, line.cursor, count));
      return 'done';
    }
    const moved = motion([...line.chars, ' '], line.cursor, count);
    const span = spanOf(operator, key, line.chars, line.cursor, moved);
    return span === undefined ? 'done' : this.#apply(operator, span);
  }

  #apply(operator: Operator, { from, to }: Span): Outcome {
    if (operator === 'y') this.#text.copy(from, to);
    else {
      this.#text.line.moveTo(from);
      this.#text.kill(to);
    }
    return operator === 'c' ? 'insert' : 'done';
  }

  #replaceWith(char: string): Outcome {
    const count = this.#takeCount();
    if (char !== ESCAPE) this.#text.replaceWith(char, count);
    return 'done';
  }
}
