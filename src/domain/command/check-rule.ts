import type { Problem } from '#contract/errors.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { linePatternProblem } from './matching/line-patterns.ts';
import { parseFact, parseProgramPattern } from './matching/program-pattern.ts';

/** What is wrong with a rule; empty when it compiles. A rule with a problem must not be saved. */
export function checkCommandRule(rule: CommandRuleInput): readonly Problem[] {
  return rule.patterns.flatMap((pattern, index): readonly Problem[] => {
    const message =
      rule.kind === 'program' ? programProblem(pattern) : linePatternProblem(rule.kind, pattern);
    return message === undefined ? [] : [{ path: `patterns.${index}`, message }];
  });
}

function programProblem(pattern: string): string | undefined {
  if (pattern.startsWith('@')) {
    return parseFact(pattern) === undefined ? 'unknown fact; there are @dynamic and @unparsable' : undefined;
  }
  if (/[;|&`$()"'\\]/.test(pattern))
    return 'a program pattern is a name and arguments without shell syntax; use kind regex for text';
  return parseProgramPattern(pattern) === undefined ? 'a program name is missing' : undefined;
}
