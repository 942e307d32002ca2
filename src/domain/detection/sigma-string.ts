/** A Sigma value text: literal runs between wildcards. `*` is any run of characters, `?` exactly one. */
export type SigmaString = readonly (string | typeof ANY_RUN | typeof ANY_ONE)[];

export const ANY_RUN: unique symbol = Symbol('*');
export const ANY_ONE: unique symbol = Symbol('?');

/**
 * Reads wildcards and escapes as Sigma 2.1 has them: a backslash makes `*`, `?` or `\` literal; before
 * anything else it is itself literal, so Windows paths need no doubling.
 */
export function parseSigmaString(text: string): SigmaString {
  const parts: (string | typeof ANY_RUN | typeof ANY_ONE)[] = [];
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

interface Segment {
  /** Code units; undefined stands for any one character. */
  readonly units: readonly (number | undefined)[];
}

/**
 * Wildcards by segments: each run between two `*` is looked for from left to right, which is right because
 * the earliest place never excludes a later one. Never exponential: text length times pattern length at most.
 */
function compileGlob(value: SigmaString): TextTest {
  const segments: Segment[] = [];
  let units: (number | undefined)[] = [];
  for (const part of value) {
    if (part === ANY_RUN) {
      segments.push({ units });
      units = [];
    } else if (part === ANY_ONE) units.push(undefined);
    else for (let index = 0; index < part.length; index++) units.push(part.charCodeAt(index));
  }
  segments.push({ units });
  const head = segments[0] ?? { units: [] };
  const tail = segments.at(-1) ?? { units: [] };
  if (segments.length === 1) return (text) => text.length === head.units.length && fits(text, 0, head);
  const middle = segments.slice(1, -1);
  return (text) => {
    const end = text.length - tail.units.length;
    if (end < head.units.length || !fits(text, 0, head) || !fits(text, end, tail)) return false;
    let from = head.units.length;
    for (const segment of middle) {
      while (from + segment.units.length <= end && !fits(text, from, segment)) from += 1;
      if (from + segment.units.length > end) return false;
      from += segment.units.length;
    }
    return true;
  };
}

function fits(text: string, at: number, segment: Segment): boolean {
  for (const [offset, unit] of segment.units.entries()) {
    if (unit !== undefined && text.charCodeAt(at + offset) !== unit) return false;
  }
  return true;
}
