/** More alternatives than this are not written out; nobody types them to run one program. */
const MAX_ALTERNATIVES = 128;
/** Longer words are given up on: looking for a group is quadratic. */
const MAX_WORD_LENGTH = 2_048;

/**
 * Brace expansion of one word as written (Bash manual 3.5.1), before any other expansion: `{su,-}` gives
 * `su` and `-`, `s{u..u}` gives `su`. Quotes, escapes, `${…}` and `$(…)` are passed over. Undefined when
 * there are too many alternatives.
 */
export function expandBraces(source: string): readonly string[] | undefined {
  if (source.length > MAX_WORD_LENGTH) return undefined;
  const budget = { left: MAX_ALTERNATIVES };
  const words = expand(source, budget);
  return budget.left < 0 ? undefined : words;
}

function expand(source: string, budget: { left: number }): readonly string[] {
  for (let open = nextOpenBrace(source, 0); open >= 0; open = nextOpenBrace(source, open + 1)) {
    const group = readGroup(source, open);
    if (group === undefined) {
      budget.left -= 1;
      if (budget.left < 0) return [];
      continue;
    }
    const before = source.slice(0, open);
    const results: string[] = [];
    const tails = expand(source.slice(group.end + 1), budget);
    for (const alternative of group.alternatives) {
      for (const middle of expand(alternative, budget)) {
        for (const tail of tails) {
          budget.left -= 1;
          if (budget.left < 0) return results;
          results.push(before + middle + tail);
        }
      }
    }
    return results;
  }
  return [source];
}

interface Group {
  readonly end: number;
  readonly alternatives: readonly string[];
}

function readGroup(source: string, open: number): Group | undefined {
  let depth = 0;
  let from = open + 1;
  const alternatives: string[] = [];
  for (let at = open; at < source.length; at = skip(source, at)) {
    const char = source[at];
    if (char === '{') depth += 1;
    else if (char === ',' && depth === 1) {
      alternatives.push(source.slice(from, at));
      from = at + 1;
    } else if (char === '}') {
      depth -= 1;
      if (depth > 0) continue;
      const last = source.slice(from, at);
      if (alternatives.length > 0) return { end: at, alternatives: [...alternatives, last] };
      const sequence = readSequence(last);
      return sequence === undefined ? undefined : { end: at, alternatives: sequence };
    }
  }
  return undefined;
}

function readSequence(text: string): readonly string[] | undefined {
  const match = /^(?:(-?\d{1,9})\.\.(-?\d{1,9})|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const letters = match[3] !== undefined;
  const first = letters ? (match[3] ?? '').charCodeAt(0) : Number(match[1]);
  const last = letters ? (match[4] ?? '').charCodeAt(0) : Number(match[2]);
  const step = Math.max(1, Math.abs(Number(match[5] ?? 1)));
  const values: string[] = [];
  // `{01..10}` pads with zeros.
  const ends = [match[1] ?? '', match[2] ?? ''];
  const width = ends.some((end) => /^-?0\d/.test(end)) ? Math.max(...ends.map((end) => end.length)) : 0;
  const direction = first <= last ? 1 : -1;
  for (let value = first; direction * (last - value) >= 0; value += direction * step) {
    values.push(letters ? String.fromCharCode(value) : padded(value, width));
    if (values.length > MAX_ALTERNATIVES) break;
  }
  return values;
}

function padded(value: number, width: number): string {
  const digits = String(Math.abs(value));
  return value < 0 ? `-${digits.padStart(width - 1, '0')}` : digits.padStart(width, '0');
}

function nextOpenBrace(source: string, from: number): number {
  for (let at = from; at < source.length; at = skip(source, at)) if (source[at] === '{') return at;
  return -1;
}

/** The offset behind the character, quotation or substitution that starts here. */
function skip(source: string, at: number): number {
  const char = source[at];
  if (char === '\\') return at + 2;
  if (char === "'") return behind(source, "'", at + 1);
  if (char === '"' || char === '`') {
    for (let next = at + 1; next < source.length; next += source[next] === '\\' ? 2 : 1) {
      if (source[next] === char) return next + 1;
    }
    return source.length;
  }
  if (char === '$' && source[at + 1] === '{') return behind(source, '}', at + 2);
  if (char === '$' && source[at + 1] === '(') return behind(source, ')', at + 2);
  return at + 1;
}

function behind(source: string, closing: string, from: number): number {
  const found = source.indexOf(closing, from);
  return found < 0 ? source.length : found + 1;
}
