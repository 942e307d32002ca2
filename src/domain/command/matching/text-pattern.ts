/** A letter or digit that the boundaries of RE2 take for none. */
const BEGINS_BEYOND_ASCII = /^(?![A-Za-z0-9])[\p{L}\p{N}]/u;
const ENDS_BEYOND_ASCII = /(?![A-Za-z])\p{L}$/u;

/**
 * JumpServer's rule for a line of a command group of type "command", so that imported rules mean what they
 * meant: whitespace of any length, found anywhere, word boundaries only when the line is a single word.
 * Letters compare without case, which is what JumpServer sets for a new group.
 */
export function textPatternToRegex(text: string): string {
  return `(?i)${textRegexSource(text)}`;
}

/** The same where case counts. */
export function textRegexSource(text: string): string {
  const collapsed = text.replaceAll(/\s+/g, ' ');
  const escaped = collapsed
    .replaceAll(/[()[\]{}?*+\-|^$\\.&~#]/g, String.raw`\$&`)
    .replaceAll(' ', String.raw`\s+`);
  // Whether there is a space is asked of the text as written: a tab is not one.
  if (text.includes(' ')) return escaped;
  return boundaryBefore(text) + escaped + (/[A-Za-z]$/.test(text) ? String.raw`\b` : '');
}

/** The boundaries of RE2 know ASCII alone, those of JumpServer's engine every letter. */
function boundaryBefore(text: string): string {
  // Beside another letter there would never be one.
  if (BEGINS_BEYOND_ASCII.test(text)) return '';
  // In front of a sign it asks for a letter just before, of any alphabet.
  return /^\w/.test(text) ? String.raw`\b` : String.raw`(?:\b|[^\x00-\x7F])`;
}

/** JumpServer would look for the boundary of a word where this cannot: more is matched. */
export function losesBoundary(text: string): boolean {
  return !text.includes(' ') && (BEGINS_BEYOND_ASCII.test(text) || ENDS_BEYOND_ASCII.test(text));
}
