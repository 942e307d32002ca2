/**
 * The line as shells read it that take no comments from people: zsh as it comes, bash after
 * `shopt -u interactive_comments`. A `#` that would begin a comment is quoted. The same text when there is none.
 */
export function withoutComments(line: string): string {
  if (!line.includes('#')) return line;
  let result = '';
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '\\' && quote !== "'") {
      result += line.slice(at, at + 2);
      at += 1;
      continue;
    }
    if (quote === char) quote = '';
    else if (quote === '' && (char === "'" || char === '"')) quote = char;
    else if (quote === '' && char === '#' && BEGINS_WORD.test(line.charAt(at - 1))) result += '\\';
    result += char;
  }
  return result;
}

const BEGINS_WORD = /^[\s;|&()]?$/;
