import type { z } from 'zod';
import type { Problem } from './errors.ts';

/** Writes a path as people read it: `users[2].email`. The empty path is the whole document: ``. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? String(part) : `.${String(part)}`;
  }
  return text;
}

/** The nearest of the words, when it is near enough to be a slip of the keyboard. */
export function closestWord(word: string, words: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of words) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Optimal string alignment distance; gives up (returns `limit`) when it cannot stay below the limit. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit || Math.max(a.length, b.length) > 64) return limit;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? limit;
}

/**
 * One problem for each thing that does not fit a schema, with its path and what would fit.
 *
 * @param known - names that exist at a path, for "did you mean"; by default there is no suggestion.
 */
export function problemsOf(
  error: z.core.$ZodError,
  known: (path: readonly PropertyKey[]) => readonly string[] = () => [],
): readonly Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, known));
}

function problemsOfIssue(
  issue: z.core.$ZodIssue,
  known: (path: readonly PropertyKey[]) => readonly string[],
): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const names = known(issue.path);
    return issue.keys.map((key) => ({
      path: pathText([...issue.path, key]),
      message: unknownKeyMessage(key, names),
    }));
  }
  return [{ path: pathText(issue.path), message: issueMessage(issue) }];
}

function unknownKeyMessage(key: string, names: readonly string[]): string {
  const near = closestWord(key, names);
  if (near !== undefined) return `is not known; did you mean "${near}"?`;
  return names.length === 0 ? 'is not known' : `is not known; known here: ${names.join(', ')}`;
}

function issueMessage(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const received = /received (\w+)/.exec(issue.message)?.[1];
      if (received === 'undefined') return `is missing; it must be ${article(issue.expected)}`;
      return `must be ${article(issue.expected)}${received === undefined ? '' : `, not ${article(received)}`}`;
    }
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'too_small':
    case 'too_big':
      return issue.message
        .replace(/^Too (?:small|big): expected \w+ to (have|be)/, 'must $1')
        .replace('>=', 'at least ')
        .replace('<=', 'at most ');
    case 'invalid_format':
      return issue.message.replace(/^Invalid (.+)$/, 'must be a valid $1');
    default:
      return issue.message.replace(/^Invalid input: expected /, 'must be ');
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a section with keys',
  record: 'a section with keys',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
};

function article(type: string): string {
  return TYPE_NAMES[type] ?? type;
}
