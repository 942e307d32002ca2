import { nameKey } from '#contract/names.ts';
import type { CommandRuleInput, CommandRuleWarning } from '#contract/resources/command-rule.ts';
import { compileCommandRules } from '../compile-rules.ts';
import type { CommandJudge, CommandScope } from '../verdict.ts';
import { Findings } from './finding.ts';
import { lintCommandRule } from './lint-rule.ts';
import { Probe } from './probe.ts';
import { sampleLine } from './sample-line.ts';

/** A warning about one rule of several, or about all of them together. */
export interface RuleSetWarning extends CommandRuleWarning {
  readonly rule: string | null;
}

/** Lines whose programs show only at run time. */
const DYNAMIC = ['sh ./script', '$X', 'base64 -d FILE | sh'];

/**
 * What each rule over- and under-matches, and what only shows beside the others: patterns that an earlier rule
 * always answers for, and what no rule sees. The rules must compile.
 */
export function lintCommandRules(rules: readonly CommandRuleInput[]): readonly RuleSetWarning[] {
  const judges = new Map<string, CommandJudge>();
  const judgeFor = (rule: CommandRuleInput): CommandJudge => {
    const scope = someoneConcerned(rule);
    const key = JSON.stringify(scope);
    const judge = judges.get(key) ?? compileCommandRules(rules, scope);
    judges.set(key, judge);
    return judge;
  };
  return [
    ...rules.flatMap((rule) =>
      [...lintCommandRule(rule), ...decidedElsewhere(rule, rules, judgeFor(rule))].map((warning) => ({
        rule: rule.name,
        ...warning,
      })),
    ),
    ...whatNoRuleSees(rules),
  ];
}

/** Patterns whose own line is always decided by another rule. */
function decidedElsewhere(
  rule: CommandRuleInput,
  rules: readonly CommandRuleInput[],
  judge: CommandJudge,
): readonly CommandRuleWarning[] {
  const findings = new Findings(rule.verdict);
  const own = new Probe(rule);
  for (const pattern of new Set(rule.patterns)) {
    const line = sampleLine(rule.kind, pattern);
    if (line === undefined || !own.hits(line)) continue;
    const decided = judge.judge(line).rule;
    const other = rules.find((one) => one !== rule && one.name === decided);
    // For some of the people another rule may well come first; for all of them, this one is in vain.
    if (other === undefined || !covers(other, rule)) continue;
    if (other.verdict === rule.verdict)
      findings.add(pattern, { code: 'duplicate', line }, `The rule ${other.name} says the same before it.`);
    else
      findings.add(
        pattern,
        { code: 'shadowed', line },
        `The rule ${other.name} decides before it: ${other.verdict}.`,
      );
  }
  return findings.all();
}

function whatNoRuleSees(rules: readonly CommandRuleInput[]): readonly RuleSetWarning[] {
  const first = rules.find((rule) => rule.kind === 'program' && rule.verdict !== 'allow');
  if (first === undefined) return [];
  const judge = compileCommandRules(rules, someoneConcerned(first));
  const findings = new Findings('deny');
  for (const line of DYNAMIC) {
    const { verdict, reading } = judge.judge(line);
    if (verdict === 'allow' && reading.dynamic) findings.add(null, { code: 'dynamic-passes', line });
  }
  return findings.all().map((warning) => ({ rule: null, ...warning }));
}

/** Somebody, somewhere, whom the rule is about. */
function someoneConcerned({ users, groups, roles, assets, accounts }: CommandRuleInput): CommandScope {
  const one = (names: readonly string[]): string => (names[0] === '*' ? 'any' : (names[0] ?? 'any'));
  return {
    username: one(users),
    groups: users.length === 0 && groups.length > 0 ? [one(groups)] : [],
    roles: users.length === 0 && groups.length === 0 ? roles.slice(0, 1) : [],
    asset: one(assets),
    account: one(accounts),
  };
}

/** Whoever and whatever the second is about, the first is about as well. */
function covers(first: CommandRuleInput, second: CommandRuleInput): boolean {
  const people =
    first.users.includes('*') ||
    (includesAll(first.users, second.users) &&
      includesAll(first.groups, second.groups) &&
      includesAll(first.roles, second.roles));
  return people && includesAll(first.assets, second.assets) && includesAll(first.accounts, second.accounts);
}

function includesAll(all: readonly string[], some: readonly string[]): boolean {
  const keys = new Set(all.map(nameKey));
  return all.includes('*') || some.every((name) => keys.has(nameKey(name)));
}
