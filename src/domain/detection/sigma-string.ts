/** A Sigma value text: literal runs between wildcards. `*` is any run of characters, `?` exactly one. */
export type SigmaString = readonly Part[];
type Part = string | Wildcard;
type Wildcard = typeof ANY_RUN | typeof ANY_ONE | typeof ANY_DASH;

export const ANY_RUN: unique symbol = Symbol('*');
export const ANY_ONE: unique symbol = Symbol('?');
/** Where an option begins: any of the ways to write its dash (`windash`). */
export const ANY_DASH: unique symbol = Symbol('dash');

/**
 * Reads wildcards and escapes as Sigma 2.1 has them: a backslash makes `*`, `?` or `\` literal; before
 * anything else it is itself literal, so Windows paths need no doubling.
 */
export function parseSigmaString(text: string): SigmaString {
  const parts: Part[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
  };
  for (let index = 0; index < text.length; index++) {
    const char = text.charAt(index);
    const next = text.charAt(index + 1);
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next;
      index += 1;
    } else if (char === '*') {
      flush();
      if (parts.at(-1) !== ANY_RUN) parts.push(ANY_RUN);
    } else if (char === '?') {
      flush();
      parts.push(ANY_ONE);
    } else literal += char;
  }
  flush();
  return parts;
}

const DASHES = '-/\u2013\u2014\u2015';
const OPTION_DASH = new RegExp(`(?<![\\p{L}\\p{N}_])[${DASHES.replace('-', '\\-')}](?=[\\p{L}\\p{N}_])`, 'u');

/** Puts `ANY_DASH` where an option begins: at each dash or slash before a word and not behind one. */
export function withAnyDash(value: SigmaString): SigmaString {
  return value.flatMap((part): readonly Part[] => {
    if (typeof part !== 'string') return [part];
    const [first = '', ...rest] = part.split(OPTION_DASH);
    const parts: readonly Part[] = [first, ...rest.flatMap((run): readonly Part[] => [ANY_DASH, run])];
    return parts.filter((one) => one !== '');
  });
}

export type Anchoring = 'whole' | 'contains' | 'startswith' | 'endswith';

/** Puts the wildcards where a `contains`, `startswith` or `endswith` modifier wants them. */
export function anchor(value: SigmaString, anchoring: Anchoring): SigmaString {
  const parts = [...value];
  if ((anchoring === 'contains' || anchoring === 'endswith') && parts[0] !== ANY_RUN) parts.unshift(ANY_RUN);
  if ((anchoring === 'contains' || anchoring === 'startswith') && parts.at(-1) !== ANY_RUN)
    parts.push(ANY_RUN);
  return parts;
}

/** The literal text of a value without wildcards, else undefined. */
export function literalOf(value: SigmaString): string | undefined {
  if (value.length === 0) return '';
  const only = value[0];
  return value.length === 1 && typeof only === 'string' ? only : undefined;
}

export type TextTest = (text: string) => boolean;

/** A test for the value. Case is the caller's: lower both sides or neither. */
export function compileSigmaString(value: SigmaString): TextTest {
  const literal = literalOf(value);
  if (literal !== undefined) return (text) => text === literal;
  const [first, second, third] = value;
  if (value.length === 1 && first === ANY_RUN) return () => true;
  if (value.length === 2 && typeof first === 'string' && second === ANY_RUN)
    return (text) => text.startsWith(first);
  if (value.length === 2 && first === ANY_RUN && typeof second === 'string')
    return (text) => text.endsWith(second);
  if (value.length === 3 && first === ANY_RUN && typeof second === 'string' && third === ANY_RUN)
    return (text) => text.includes(second);
  return compileGlob(value);
}

/** What stands at one place: a character by its code, or one of several. */
type Unit = number | typeof ANY_ONE | typeof ANY_DASH;
type Segment = readonly Unit[];
/** A text by its code units; a list of code points where a `?` must not split a character in two. */
type Subject = string | readonly number[];

const SURROGATE_PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/;

/**
 * Wildcards by segments: each run between two `*` is looked for from left to right, which is right because
 * the earliest place never excludes a later one. Never exponential: text length times pattern length at most.
 */
function compileGlob(value: SigmaString): TextTest {
  const byCharacter = value.includes(ANY_ONE);
  const [head = [], ...rest] = segmentsOf(value, byCharacter);
  const subjectOf = (text: string): Subject =>
    byCharacter && SURROGATE_PAIR.test(text) ? Array.from(text, codePoint) : text;
  const tail = rest.pop();
  if (tail === undefined)
    return (text) => {
      const subject = subjectOf(text);
      return subject.length === head.length && fits(subject, 0, head);
    };
  return (text) => {
    const subject = subjectOf(text);
    const end = subject.length - tail.length;
    if (end < head.length || !fits(subject, 0, head) || !fits(subject, end, tail)) return false;
    let from = head.length;
    for (const segment of rest) {
      while (from + segment.length <= end && !fits(subject, from, segment)) from += 1;
      if (from + segment.length > end) return false;
      from += segment.length;
    }
    return true;
  };
}

function segmentsOf(value: SigmaString, byCharacter: boolean): readonly Segment[] {
  const segments: Unit[][] = [[]];
  for (const part of value) {
    if (part === ANY_RUN) segments.push([]);
    else if (typeof part !== 'string') segments.at(-1)?.push(part);
    else if (byCharacter) segments.at(-1)?.push(...Array.from(part, codePoint));
    else for (let index = 0; index < part.length; index++) segments.at(-1)?.push(part.charCodeAt(index));
  }
  return segments;
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function fits(subject: Subject, at: number, segment: Segment): boolean {
  for (const [offset, unit] of segment.entries()) {
    const code = typeof subject === 'string' ? subject.charCodeAt(at + offset) : subject[at + offset];
    if (unit === ANY_ONE || code === unit) continue;
    if (unit !== ANY_DASH || code === undefined || !DASHES.includes(String.fromCodePoint(code))) return false;
  }
  return true;
}
