import { expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { compileLinePatterns, linePatternProblem, lineRegex, type LinePatterns } from './line-patterns.ts';

const compile = (...rules: readonly (readonly ['text' | 'regex', ...string[]])[]): LinePatterns =>
  compileLinePatterns(
    rules.map(([kind, ...patterns], rank) => ({
      rule: CommandRuleInput.parse({ name: `r${rank}`, kind, verdict: 'deny', patterns }),
      rank,
    })),
  );

it('the first rule that matches is found, with what matched', () => {
  const patterns = compile(['regex', 'x+'], ['text', 'rm -rf', 'drop'], ['regex', 'r.*f']);
  expect(patterns.find('a xx b')).toEqual({ rule: 0, fragment: 'xx', span: { start: 2, end: 4 } });
  expect(patterns.find('RM   -rf /')).toEqual({
    rule: 1,
    fragment: 'RM   -rf',
    span: { start: 0, end: 8 },
  });
  expect(patterns.find('drop x')).toEqual({ rule: 0, fragment: 'x', span: { start: 5, end: 6 } });
  expect(patterns.find('roof')).toEqual({ rule: 2, fragment: 'roof', span: { start: 0, end: 4 } });
});

it('nothing is found where nothing matches', () => {
  expect(compile(['regex', 'a']).find('b')).toBeUndefined();
  expect(compile().find('b')).toBeUndefined();
});

it('an empty match counts as none', () => {
  expect(compile(['regex', 'a*']).find('b')).toBeUndefined();
  expect(compile(['regex', 'a*'], ['regex', 'b']).find('b')).toEqual({
    rule: 1,
    fragment: 'b',
    span: { start: 0, end: 1 },
  });
});

it('a pattern of kind text is made one, a regex stays', () => {
  expect(lineRegex('regex', 'a.b')).toBe('a.b');
  expect(lineRegex('text', 'a.b')).toBe(String.raw`(?i)\ba\.b\b`);
});

it.each([
  ['regex', 'a+'],
  ['text', '('],
] as const)('%s %s compiles', (kind, text) => {
  expect(linePatternProblem(kind, text)).toBeUndefined();
});

it.each(['(', '(?=a)', 'a{1001}'])('regex %s does not compile', (text) => {
  expect(linePatternProblem('regex', text)).toMatch(
    /; patterns are RE2: no look-around, no back-references, repeats up to 1000$/,
  );
});
