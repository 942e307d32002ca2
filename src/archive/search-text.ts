/** One thing that must occur: a word, or words and signs in exactly this order. */
export interface Term {
  /** Whole words that the index finds, in the lower case of ASCII. */
  readonly words: readonly string[];
  /** What must stand there literally; absent when the words already say it all. */
  readonly literal?: string;
  /** The literal has letters beyond ASCII: it is compared without case letter by letter. */
  readonly unicode?: boolean;
}

const MOST_TERMS = 16;

/**
 * Reads what a person typed: terms apart by spaces, all of which must occur, in any field; `"two words"` in
 * quotes are one term. ASCII words match whole and without case: `su` finds `sudo -u x; su`, not `sudo`. Signs
 * inside a term count: `10.0.0.5` finds that address, not 10, 0, 0 and 5 somewhere. Other letters (删除, Müller)
 * match anywhere, because not every script parts its words.
 */
export function parseSearchText(text: string): readonly Term[] {
  const parts = text.toWellFormed().match(/"[^"]*"?|[^\s"]+/gu) ?? [];
  return parts
    .map((part) => part.replaceAll('"', '').trim())
    .filter((part) => part !== '')
    .slice(0, MOST_TERMS)
    .map(readTerm);
}

/**
 * The index parts text as the engine's `asciiCJK` tokenizer does: runs of ASCII letters and digits, and every
 * other character by itself. Letters that have a case are left to the literal comparison, since only ASCII is
 * lowered in the index.
 */
function readTerm(part: string): Term {
  const literal = part.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  const words = [...new Set(literal.match(/[a-z0-9]+|\p{Lo}/gu))];
  if (/[^\0-\x7f]/.test(literal)) return { words, literal, unicode: true };
  return words.length === 1 && words[0] === literal ? { words } : { words, literal };
}
