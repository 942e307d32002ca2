/**
 * Whether an interactive shell would replace a part of the line from its history (Bash manual 9.3): `!!`,
 * `!su`, `^old^new`. What comes out is only known to the shell.
 */
export function mentionsHistory(source: string): boolean {
  if (/^\^[^^\s]+\^/.test(source)) return true;
  if (!source.includes('!')) return false;
  let quoted = false;
  for (let at = 0; at < source.length; at += 1) {
    const char = source[at];
    if (char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === "'" && !quoted) at = closingQuote(source, at);
    else if (char === '!' && expands(source, at, quoted)) return true;
  }
  return false;
}

function expands(source: string, at: number, quoted: boolean): boolean {
  const next = source[at + 1] ?? ' ';
  if (/[\s=(]/.test(next) || (quoted && next === '"')) return false;
  // `$!` and `${!name}` are expansions of another kind.
  return (
    source[at - 1] !== '$' && !(source[at - 1] === '{' && source[at - 2] === '$') && source[at - 1] !== '['
  );
}

function closingQuote(source: string, open: number): number {
  const found = source.indexOf("'", open + 1);
  return found < 0 ? source.length : found;
}
