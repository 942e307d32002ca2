import { isBlank, isIdentifier, isPunctuation } from './characters.ts';

type Text = readonly string[];
type Kind = 'blank' | 'identifier' | 'other' | 'none';

/** Behind the end of the line there is no character of any kind. */
function smallKind(char: string | undefined): Kind {
  if (char === undefined) return 'none';
  if (isBlank(char)) return 'blank';
  return isIdentifier(char) ? 'identifier' : 'other';
}

/** For `W`, `B`, `E` everything but blanks is one kind. */
function bigKind(char: string | undefined): Kind {
  const kind = smallKind(char);
  return kind === 'identifier' ? 'other' : kind;
}

export type KindOf = (char: string | undefined) => Kind;
export const WORDS: Readonly<Record<'small' | 'big', KindOf>> = { small: smallKind, big: bigKind };

/** `w`, `W`: to the beginning of the next word. */
export function nextWord(text: Text, from: number, count: number, kindOf: KindOf): number {
  let at = from;
  for (let step = 0; step < count && at < text.length - 1; step += 1) {
    const kind = kindOf(text[at]);
    if (kind !== 'blank') while (kindOf(text[at]) === kind) at += 1;
    while (kindOf(text[at]) === 'blank') at += 1;
  }
  return at;
}

/** `e`, `E`: to the last character of this word or the next. */
export function endOfWord(text: Text, from: number, count: number, kindOf: KindOf): number {
  let at = from;
  for (let step = 0; step < count && at < text.length - 1; step += 1) {
    if (kindOf(text[at]) !== 'blank') at += 1;
    while (kindOf(text[at]) === 'blank') at += 1;
    if (at >= text.length) continue;
    const kind = kindOf(text[at]);
    while (kindOf(text[at + 1]) === kind) at += 1;
  }
  return at;
}

/** `b`, `B`: to the beginning of this word or the one before. */
export function previousWord(text: Text, from: number, count: number, kindOf: KindOf): number {
  let at = from;
  for (let step = 0; step < count && at > 0; step += 1) {
    at -= 1;
    while (at > 0 && kindOf(text[at]) === 'blank') at -= 1;
    if (at === 0) break;
    const kind = kindOf(text[at]);
    do at -= 1;
    while (at > 0 && kindOf(text[at]) === kind);
    // Readline does not look at what the first character is.
    if (at > 0) at += 1;
  }
  return at;
}

function isBoundary(char: string | undefined): boolean {
  return isBlank(char) || isPunctuation(char);
}

/** Ctrl-W: to the beginning of what it erases. Words end at blanks and at punctuation. */
export function startOfErasedWord(text: Text, from: number): number {
  let at = from;
  if (text[at] === undefined && isBlank(text[at - 1])) {
    at -= 1;
    while (at > 0 && isBlank(text[at])) at -= 1;
  }
  if (at > 0 && !isBoundary(text[at]) && isBoundary(text[at - 1])) at -= 1;
  if (at === 0) return at;
  const boundary = isBoundary(text[at]);
  while (at > 0 && isBoundary(text[at - 1]) === boundary) at -= 1;
  return at;
}
