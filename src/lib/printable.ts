/**
 * What a terminal, a log viewer or a mail would act on instead of showing: C0 and C1 controls, DEL, format
 * characters (bidirectional overrides, zero width), line and paragraph separators, lone surrogates, private use
 * and unassigned code points. The backslash is escaped too, so that what was escaped can be told apart.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\\]/gu;

/**
 * Hostile text made safe to log and show: one line, nothing that moves a cursor, at most `maxLength` UTF-16
 * units with `…` where it was cut.
 */
export function printable(text: string, maxLength: number): string {
  // Cut first: escaping can only make it longer, and the work must stay bounded.
  const escaped = text.slice(0, maxLength).replace(UNSAFE, escapeCharacter);
  if (text.length <= maxLength && escaped.length <= maxLength) return escaped;
  return `${escaped.slice(0, maxLength - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function escapeCharacter(character: string): string {
  if (character === '\\') return '\\\\';
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}
