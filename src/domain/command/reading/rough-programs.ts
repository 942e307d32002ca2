import type { Program } from '../verdict.ts';
import { baseName } from './field.ts';

/** Enough for any line a person types. */
const MAX_SEGMENTS = 200;
const MAX_WORDS = 72;
/** Words that stand before a command in some shell's grammar. */
const LEADING =
  /^(if|then|elif|else|while|until|do|for|begin|and|or|not|!|time|case|function|exec|command|sudo|doas|env|nohup)$/;

/**
 * The first word of everything that could be a command, for lines that do not parse (another shell's
 * grammar, damaged echo). Stops more than it should, which is the right side for text nobody understands.
 */
export function roughPrograms(source: string): readonly Program[] {
  const programs: Program[] = [];
  const segment = /[^;|&(){}`\n]+/g;
  for (const match of source.matchAll(segment)) {
    if (programs.length >= MAX_SEGMENTS) break;
    const words = match[0].trim().split(/\s+/, MAX_WORDS);
    while (words.length > 1 && LEADING.test(words[0] ?? '')) words.shift();
    const [first = '', ...args] = words.map(unquote);
    const name = baseName(first);
    if (name === '') continue;
    const start = match.index;
    programs.push({
      name,
      args: args.slice(0, 64),
      start,
      end: start + match[0].length,
      nameIsPattern: false,
      uncertainArgs: [],
    });
  }
  return programs;
}

function unquote(word: string): string {
  return word.replaceAll(/["'\\]/g, '');
}
