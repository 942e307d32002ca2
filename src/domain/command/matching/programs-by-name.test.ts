import { expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { readCommand } from '../reading/read-line.ts';
import { compileProgramRules, type ProgramFinding, type ProgramRules } from './programs-by-name.ts';

const compile = (...rules: readonly (readonly string[])[]): ProgramRules =>
  compileProgramRules(
    rules.map((patterns, rank) => ({
      rule: CommandRuleInput.parse({
        name: `r${rank}`,
        kind: 'program',
        verdict: 'deny',
        patterns: [...patterns],
      }),
      rank,
    })),
  );
const find = (rules: ProgramRules, line: string): ProgramFinding | undefined => {
  const [program] = readCommand(line).programs;
  return program === undefined ? undefined : rules.find(program);
};
const hit = (rank: number, fragment: string, maybe = false): ProgramFinding => ({
  hit: { rank, fragment },
  maybe,
});

it('the first rule that matches is found, by name or by wildcard', () => {
  const rules = compile(['a', 'b'], ['b x', 'c*'], ['b', 'cd'], ['*']);
  expect(find(rules, 'a')).toEqual(hit(0, 'a'));
  expect(find(rules, 'b x')).toEqual(hit(0, 'b'));
  expect(find(rules, 'cd')).toEqual(hit(1, 'cd'));
  expect(find(rules, 'other')).toEqual(hit(3, 'other'));
});

it('nothing is found where nothing matches', () => {
  expect(find(compile(['a']), 'b')).toEqual({ hit: undefined, maybe: false });
  expect(find(compile(), 'b')).toEqual({ hit: undefined, maybe: false });
});

it('an earlier rule that could match is said', () => {
  expect(find(compile(['a x'], ['a']), 'a $X')).toEqual(hit(1, 'a', true));
  expect(find(compile(['a'], ['a x']), 'a $X')).toEqual(hit(0, 'a', false));
  expect(find(compile(['a x']), 'a $X')).toEqual({ hit: undefined, maybe: true });
});

it('a file name pattern could be any program', () => {
  const rules = compile(['zz'], ['su', 'x*']);
  expect(find(rules, '/bin/s?')).toEqual(hit(1, 'su'));
  expect(find(rules, '/bin/x?')).toEqual(hit(1, 'x*'));
  expect(find(rules, '/bin/q?')).toEqual({ hit: undefined, maybe: false });
});

it('facts are found by what the reading says', () => {
  const rules = compile(['a', '@unparsable'], ['@dynamic'], ['@dynamic', '@unparsable']);
  expect(rules.findFact(readCommand('ls'))).toBeUndefined();
  expect(rules.findFact(readCommand('$X'))).toBe(1);
  expect(rules.findFact(readCommand('ls )'))).toBe(0);
  expect(rules.findFact(readCommand('$X )'))).toBe(0);
  expect(compile(['a']).findFact(readCommand('$X )'))).toBeUndefined();
});
