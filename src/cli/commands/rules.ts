import { describeThreshold } from '#domain/detection/describe-threshold.ts';
import type { FiringRule } from '#domain/detection/firing-rule.ts';
import { runRuleTests, type RuleTestResult } from '#domain/offense/rule-tests.ts';
import { printable } from '#lib/printable.ts';
import { defineCommand } from '../command.ts';
import { loadRules, RULE_PATHS } from '../input/rule-files.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';
import { ruleExplain } from './rule-explain.ts';

const paths = { count: 'many', description: RULE_PATHS } as const;

const columns: readonly Column<FiringRule & { readonly when: string }>[] = [
  { title: 'RULE', cell: (one) => one.name ?? one.id },
  { title: 'MODE', cell: (one) => one.mode },
  { title: 'LEVEL', cell: (one) => one.severity },
  { title: 'FAMILY', cell: (one) => (one.family === one.id ? null : one.family) },
  { title: 'BY', cell: (one) => one.key.map(({ name }) => name).join(', ') },
  { title: 'PLAYBOOK', cell: (one) => one.playbook },
  { title: 'TESTS', cell: (one) => one.tests.length },
  { title: 'FIRES AT', cell: (one) => one.when },
  { title: 'TITLE', cell: (one) => one.title },
];

const ruleList = defineCommand({
  name: 'rule list',
  summary: 'Detection rules that open offenses. Needs no server.',
  args: { paths },
  offline: true,
  async run({ args, where, io, output }) {
    const set = loadRules(args.paths, where, io);
    const rules = [...set.rules.values()].map((rule) => ({
      ...rule,
      when: describeThreshold(rule.threshold, set),
    }));
    if (!output.json) return output.list(rules, columns, 'There are no rules.');
    for (const rule of rules) {
      const { id, name, title, severity, mode, family, playbook, entity, key, when, tests, place } = rule;
      const groupBy = key.map((part) => part.name);
      const about = { id, name, title, severity, mode, family, playbook, entity, groupBy };
      output.object({ ...about, when, tests: tests.length, place });
    }
  },
});

const ruleTest = defineCommand({
  name: 'rule test',
  summary:
    'Check rules and run the tests that stand in their files, in UTC and as if every rule were on. Needs no server.',
  args: { paths },
  offline: true,
  async run({ args, where, io, output }) {
    const set = loadRules(args.paths, where, io, 'test');
    const results = [...set.rules.values()].flatMap((rule) => runRuleTests(set, rule));
    for (const result of results) showResult(result, output);
    const untested = [...set.rules.values()].filter((rule) => rule.tests.length === 0);
    for (const { title, place } of untested) output.note(`${place}: "${title}" has no tests`);
    const failed = results.filter((result) => !result.passed).length;
    if (!output.json) output.text(`${results.length - failed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 65;
  },
});

function showResult({ rule, test, passed, expected, fired, story }: RuleTestResult, output: Output): void {
  const details = [
    `    ${rule.place}`,
    `    expected ${expected.join(', ') || 'nothing'}`,
    `    fired    ${fired.join(', ') || 'nothing'}`,
    ...story.map((line) => `      ${printable(line, 500)}`),
  ];
  output.show({ rule: rule.id, test, passed, expected, fired, story }, [
    `${passed ? output.good('ok') : output.bad('FAILED')}  ${rule.title}: ${test}`,
    ...(passed ? [] : details),
  ]);
}

export const ruleCommands = [ruleList, ruleTest, ruleExplain];
