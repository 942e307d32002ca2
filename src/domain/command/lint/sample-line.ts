import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { parseFact } from '../matching/program-pattern.ts';
import { regexSample } from './regex-sample.ts';

/** A line that somebody who writes this pattern has in mind. A guess: whoever uses it tries it first. */
export function sampleLine(kind: CommandRuleInput['kind'], pattern: string): string | undefined {
  const line = kind === 'program' ? programSample(pattern) : textSample(kind, pattern);
  return line === '' ? undefined : line;
}

function textSample(kind: 'regex' | 'text', pattern: string): string | undefined {
  const text = kind === 'text' ? pattern : regexSample(pattern);
  return text?.trim().replaceAll(/\s+/g, ' ');
}

function programSample(pattern: string): string {
  const fact = parseFact(pattern);
  if (fact !== undefined) return fact === 'dynamic' ? '$X' : 'ls )';
  const [name = '', ...args] = pattern.trim().split(/\s+/);
  // The first `**` may stand for nothing; a further one is an operand.
  const gap = args.indexOf('**');
  const words = args.filter((_arg, index) => index !== gap).map(filled);
  if (name === '>') return `echo x > ${words[0] ?? 'f'}`;
  if (name === '=') return assignment(words[0] ?? 'X');
  return [filled(name), ...words].join(' ');
}

function assignment(word: string): string {
  return word.includes('=') ? word : `${word}=x`;
}

/** A word that fits a wildcard. */
function filled(word: string): string {
  const text = word.replaceAll('*', '').replaceAll('?', 'x');
  return text === '' ? 'x' : text;
}
