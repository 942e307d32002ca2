import { CommandRuleInput } from '#contract/resources/command-rule.ts';

/** A rule that denies these programs to everybody everywhere. */
export function forbidding(name: string, ...patterns: readonly string[]): CommandRuleInput {
  return CommandRuleInput.parse({ name, priority: 10, kind: 'program', patterns, verdict: 'deny' });
}
