/**
 * A literal that every match of a regular expression must contain, in lower case; undefined when there is
 * none, or when the expression is too clever to be sure. Only for skipping work: never decides a match.
 */
export function requiredLiteral(pattern: string): string | undefined {
  const runs: string[] = [];
  let run = '';
  const end = (): void => {
    runs.push(run);
    run = '';
  };
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '|') return undefined;
    if (char === '\\') {
      const escaped = pattern.charAt(index + 1);
      index += 1;
      if (escaped === 'Q' || escaped === '') return undefined;
      if (/[A-Za-z0-9]/.test(escaped)) {
        end();
        // What follows \x, \p or an octal number is not literal text.
        if (/[xpPu0-9]/.test(escaped)) return longest(runs);
      } else run += escaped;
    } else if (char === '(' || char === '[') {
      end();
      const close = char === '(' ? endOfGroup(pattern, index) : endOfClass(pattern, index);
      if (close === undefined) return undefined;
      index = close;
    } else if (char === '?' || char === '*' || char === '{') {
      run = run.slice(0, -1);
      end();
      if (char === '{') {
        const close = pattern.indexOf('}', index);
        if (close === -1) return undefined;
        index = close;
      }
    } else if (char === '.' || char === '^' || char === '$' || char === '+') end();
    else run += char;
  }
  end();
  return longest(runs);
}

function longest(runs: readonly string[]): string | undefined {
  const best = runs.reduce((left, right) => (right.length > left.length ? right : left), '');
  return best.length >= 2 ? best.toLowerCase() : undefined;
}

function endOfClass(pattern: string, start: number): number | undefined {
  // A bracket right behind the opening one, or behind its negation, stands for itself.
  let index = start + 1;
  if (pattern.charAt(index) === '^') index += 1;
  if (pattern.charAt(index) === ']') index += 1;
  for (; index < pattern.length; index++) {
    if (pattern.charAt(index) === '\\') index += 1;
    else if (pattern.startsWith('[:', index)) index = Math.max(index, pattern.indexOf(':]', index) + 1);
    else if (pattern.charAt(index) === ']') return index;
  }
  return undefined;
}

function endOfGroup(pattern: string, start: number): number | undefined {
  let depth = 0;
  for (let index = start; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    if (char === '\\') index += 1;
    else if (char === '[') {
      const close = endOfClass(pattern, index);
      if (close === undefined) return undefined;
      index = close;
    } else if (char === '(') depth += 1;
    else if (char === ')' && --depth === 0) return index;
  }
  return undefined;
}
