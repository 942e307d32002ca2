/** What readline separates words by: space and tab, nothing else. */
export function isBlank(char: string | undefined): boolean {
  return char === ' ' || char === '\t';
}

/** What the word commands of emacs mode and the arrow keys move over. */
export function isLetterOrDigit(char: string | undefined): boolean {
  return char !== undefined && /^[\p{L}\p{N}]$/u.test(char);
}

/** What a word of vi mode is made of. */
export function isIdentifier(char: string | undefined): boolean {
  return char !== undefined && /^\w$/.test(char);
}

export function isPunctuation(char: string | undefined): boolean {
  return char !== undefined && /^[!-/:-@[-`{-~]$/.test(char);
}

export function isAscii(char: string | undefined): boolean {
  return char !== undefined && char <= '\u007F';
}

const PLAIN =
  /^(?:[\0-\u007F]|(?![\u1160-\u11FF\uD7B0-\uD7FF])[\p{L}\p{Nd}\p{P}\p{Zs}]|(?!\p{Alphabetic})\p{S})$/u;

/**
 * Characters that stand for themselves. Next to the others (combining marks, joiners, characters without width)
 * a key can move over more than one, or libraries differ in what belongs to a word.
 */
export function isPlain(char: string): boolean {
  return PLAIN.test(char);
}

/** A letter in the wanted case, or undefined when libraries differ about it (`ß`, `İ`). */
export function inCase(char: string, wanted: 'upper' | 'lower'): string | undefined {
  const changed = wanted === 'upper' ? char.toUpperCase() : char.toLowerCase();
  if (changed === char) return char;
  const back = wanted === 'upper' ? changed.toLowerCase() : changed.toUpperCase();
  return back === char ? changed : undefined;
}
