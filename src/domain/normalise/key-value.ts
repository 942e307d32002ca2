/**
 * The value of `key=value` in a text: a word up to white space, `,` or `;`, or what stands in double quotes, where a
 * backslash keeps the next character. The key must stand at the beginning or behind a separator. The first one counts.
 */
export function readPair(text: string, key: string): string | undefined {
  const wanted = `${key}=`;
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    if (at > 0 && !/[\s,;([{]/.test(text.charAt(at - 1))) continue;
    const start = at + wanted.length;
    if (text.charAt(start) === '"') return readQuoted(text, start + 1);
    const [word = ''] = /^[^\s,;]*/.exec(text.slice(start, start + 4096)) ?? [];
    return word;
  }
  return undefined;
}

function readQuoted(text: string, start: number): string | undefined {
  let value = '';
  for (let index = start; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '"') return value;
    if (char === '\\') index += 1;
    value += text.charAt(index);
  }
  return undefined;
}
