import type { Problem } from '#contract/errors.ts';
import type { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { linePatternProblem } from './matching/line-patterns.ts';
import { parseFact, parseProgramPattern } from './matching/program-pattern.ts';

/** What is wrong with a rule; empty when it compiles. A rule with a problem must not be saved. */
export function checkCommandRule(
  rule: Pick<CommandRuleInput, 'kind'> & { readonly patterns: readonly string[] },
): readonly Problem[] {
  return rule.patterns.flatMap((pattern, index): readonly Problem[] => {
    const message =
      rule.kind === 'program' ? programProblem(pattern) : linePatternProblem(rule.kind, pattern);
    return message === undefined ? [] : [{ path: `patterns.${index}`, message }];
  });
}

/** What is wrong with the command rules of a document, with paths in the document. */
export function checkCommandRules(rules: readonly CommandRuleInput[]): readonly Problem[] {
  return rules.flatMap((rule, index) => {
    const at = `commandRules[${index}]`;
    const isAboutNobody = rule.users.length + rule.groups.length + rule.roles.length === 0;
    return [
      ...(isAboutNobody ? [{ path: at, message: 'names neither users nor groups nor roles' }] : []),
      ...checkCommandRule(rule).map(({ path, message }) => ({
        path: `${at}.${path.replace(/\.(\d+)$/, '[$1]')}`,
        message,
      })),
    ];
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
