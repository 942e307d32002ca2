/** One thing that must occur: a word, or words and signs in exactly this order. */
export interface Term {
  /** Whole words, in the lower case of ASCII, that an index finds. */
  readonly words: readonly string[];
  /** What must stand there literally; absent when the words already say it all. */
  readonly literal?: string;
  /** Letters beyond ASCII: compared without case, letter by letter, without the index. */
  readonly unicode?: boolean;
}

const MOST_TERMS = 16;

/**
 * Reads what a person typed: terms apart by spaces, all of which must occur, in any field; `"two words"` in
 * quotes are one term. ASCII words match whole and without case: `su` finds `sudo -u x; su`, not `sudo`. Signs
 * inside a term count: `10.0.0.5` finds that address, not 10, 0, 0 and 5 somewhere. Terms with other letters
 * (删除, Müller) match anywhere, because not every script parts its words.
 */
export function parseSearchText(text: string): readonly Term[] {
  const parts = text.toWellFormed().match(/"[^"]*"?|[^\s"]+/gu) ?? [];
  return parts
    .map((part) => part.replaceAll('"', '').trim())
    .filter((part) => part !== '')
    .slice(0, MOST_TERMS)
    .map(readTerm);
}

function readTerm(part: string): Term {
  // Only ASCII, as the engine's lower() does.
  const literal = part.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const runs = literal.match(/[a-z0-9\u0080-\u{10ffff}]+/gu) ?? [];
  const words = [...new Set(runs.filter((run) => /^[a-z0-9]+$/.test(run)))];
  if (/[^\0-\x7f]/.test(literal)) return { words, literal, unicode: true };
  return words.length === 1 && words[0] === literal ? { words } : { words, literal };
}
