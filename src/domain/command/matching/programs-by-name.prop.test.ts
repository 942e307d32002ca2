import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import type { Program } from '../verdict.ts';
import { matchProgram, parseProgramPattern } from './program-pattern.ts';
import { compileProgramRules } from './programs-by-name.ts';

const word = fc.constantFrom('a', 'b', 'a*', '?', '-x', '-xy', '--long', '--', '**', '');
const name = fc.constantFrom('su', 'rm', 's*', '??');
const pattern = fc
  .tuple(name, fc.array(word, { maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest].join(' '));
const program = fc
  .record({
    name,
    args: fc.array(fc.tuple(word, fc.boolean()), { maxLength: 4 }),
    nameIsPattern: fc.boolean(),
  })
  .map(({ args, ...rest }): Program => ({
    ...rest,
    args: args.map(([text]) => text),
    uncertainArgs: args.flatMap(([, uncertain], index) => (uncertain ? [index] : [])),
    start: 0,
    end: 0,
  }));

it('finding by name and needed operand finds what trying every pattern in turn finds', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 6 }), program, (patterns, tried) => {
      const rules = compileProgramRules(
        patterns.map((text, rank) => ({
          rule: CommandRuleInput.parse({ name: 'r', kind: 'program', verdict: 'deny', patterns: [text] }),
          rank,
        })),
      );
      const outcomes = patterns.map((text) => {
        const parsed = parseProgramPattern(text);
        return parsed === undefined ? 'no' : matchProgram(parsed, tried).matches;
      });
      const first = outcomes.indexOf('yes');
      const maybe = outcomes.indexOf('maybe');
      const found = rules.find(tried);
      expect(found.hit?.rank ?? -1).toBe(first);
      expect(found.maybe).toBe(maybe >= 0 && (first < 0 || maybe < first));
    }),
  );
});
