import { expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { checkCommandRule } from './check-rule.ts';

const check = (kind: 'program' | 'regex' | 'text', ...patterns: readonly string[]): readonly string[] =>
  checkCommandRule(CommandRuleInput.parse({ name: 'r', kind, verdict: 'deny', patterns: [...patterns] })).map(
    ({ path, message }) => `${path}: ${message}`,
  );

it.each([
  ['program', 'su'],
  ['program', 'rm -rf /'],
  ['program', 'mkfs.*'],
  ['program', '> /etc/*'],
  ['program', '@dynamic'],
  ['program', '@unparsable'],
  ['regex', 'a|b'],
  ['text', 'a; (b'],
] as const)('%s %s is right', (kind, pattern) => {
  expect(check(kind, pattern)).toEqual([]);
});

it.each([';', '|', '&', '\x60', '$', '(', ')', '"', "'", '\\'])('a program has no %s in it', (char) => {
  expect(check('program', 'a', `b${char}`)).toEqual([
    'patterns.1: a program pattern is a name and arguments without shell syntax; use kind regex for text',
  ]);
});

it('every problem is told, with its place', () => {
  expect(check('program', '@x', 'ok', '/')).toEqual([
    'patterns.0: unknown fact; there are @dynamic and @unparsable',
    'patterns.2: a program name is missing',
  ]);
  expect(check('regex', 'ok', '(')).toEqual([expect.stringMatching(/^patterns\.1: /)]);
});
