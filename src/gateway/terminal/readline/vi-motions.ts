import { isBlank } from './characters.ts';
import { endOfWord, nextWord, previousWord, WORDS } from './vi-words.ts';

/** Where the cursor goes. With an operator in front the text has a blank at its end. */
export type Motion = (text: readonly string[], from: number, count: number) => number;

export const MOTIONS: Readonly<Record<string, Motion>> = {
  h: (_text, from, count) => Math.max(0, from - count),
  l: (text, from, count) => Math.min(text.length, from + count),
  ' ': (text, from, count) => Math.min(text.length, from + count),
  '0': () => 0,
  '^': (text) => {
    const first = text.findIndex((char) => !isBlank(char));
    return first < 0 ? text.length : first;
  },
  $: (text) => text.length,
  '|': (text, _from, count) => Math.min(text.length, count - 1),
  w: (text, from, count) => nextWord(text, from, count, WORDS.small),
  W: (text, from, count) => nextWord(text, from, count, WORDS.big),
  b: (text, from, count) => previousWord(text, from, count, WORDS.small),
  B: (text, from, count) => previousWord(text, from, count, WORDS.big),
  e: (text, from, count) => endOfWord(text, from, count, WORDS.small),
  E: (text, from, count) => endOfWord(text, from, count, WORDS.big),
  '%': matchingBracket,
};

/** Readline looks at bytes here, not at characters. */
export const BYTEWISE: ReadonlySet<string> = new Set('|wWbBeE');

const BRACKETS = '()[]{}';

function matchingBracket(text: readonly string[], from: number): number {
  const start = text.findIndex((char, index) => index >= from && BRACKETS.includes(char));
  const bracket = text[start];
  if (bracket === undefined) return from;
  const kind = BRACKETS.indexOf(bracket);
  const step = kind % 2 === 0 ? 1 : -1;
  if (step < 0 && start !== from) return from;
  const partner = BRACKETS[kind + step];
  let depth = 0;
  for (let at = start; at >= 0 && at < text.length; at += step) {
    if (text[at] === bracket) depth += 1;
    else if (text[at] === partner) depth -= 1;
    if (depth === 0) return at;
  }
  // At a bracket without a partner readline stays.
  return start;
}

/** `f`, `F`, `t`, `T`: the character searched for, kept for `;` and `,`. */
export interface CharSearch {
  readonly key: 'f' | 'F' | 't' | 'T';
  readonly char: string;
}

const REVERSED = { f: 'F', F: 'f', t: 'T', T: 't' } as const;

export function reversed(search: CharSearch): CharSearch {
  return { key: REVERSED[search.key], char: search.char };
}

/** Goes as far as there are such characters, even if there are fewer than the count asks for. */
export function searchChar(
  text: readonly string[],
  from: number,
  count: number,
  { key, char }: CharSearch,
): number {
  const forward = key === 'f' || key === 't';
  let found = from;
  let at = from;
  for (let step = 0; step < count; step += 1) {
    at = forward ? text.indexOf(char, at + 1) : at > 0 ? text.lastIndexOf(char, at - 1) : -1;
    if (at < 0) break;
    found = key === 't' ? at - 1 : key === 'T' ? at + 1 : at;
  }
  return found;
}
