/**
 * JumpServer's rule for a line of a command group of type "command", so that imported rules mean what they
 * meant: whitespace of any length, found anywhere, word boundaries only when the line is a single word.
 * Letters compare without case, which is what JumpServer sets for a new group.
 */
export function textPatternToRegex(text: string): string {
  const collapsed = text.replaceAll(/\s+/g, ' ');
  const escaped = collapsed
    .replaceAll(/[()[\]{}?*+\-|^$\\.&~#]/g, String.raw`\$&`)
    .replaceAll(' ', String.raw`\s+`);
  // Whether there is a space is asked of the text as written: a tab is not one.
  if (text.includes(' ')) return `(?i)${escaped}`;
  return /\p{L}$/u.test(text) ? String.raw`(?i)\b${escaped}\b` : String.raw`(?i)\b${escaped}`;
}
