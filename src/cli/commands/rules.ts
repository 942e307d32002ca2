import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadConfig } from '#config/load-config.ts';
import { PortcullisError } from '#contract/errors.ts';
import { buildRuleSet, type RuleSet } from '#domain/detection/rule-set.ts';
import type { FiringRule } from '#domain/detection/firing-rule.ts';
import { runRuleTests } from '#domain/offense/rule-tests.ts';
import { defineCommand } from '../command.ts';
import type { ServerOptions } from '../server/address.ts';
import type { CliIo } from '../io.ts';
import type { Column } from '../output/table.ts';

const SHIPPED = join(import.meta.dirname, '..', '..', '..', 'content', 'rules');
const paths = {
  count: 'many',
  description: 'Rule files or folders; without any, the shipped and the configured ones.',
} as const;

/** All rules of the named places, compiled together: they may name each other. */
function loadRules(places: readonly string[], where: ServerOptions, io: CliIo): RuleSet {
  const chosen =
    places.length > 0
      ? places.map((one) => resolve(io.cwd, one))
      : [
          SHIPPED,
          ...loadConfig({ file: where.config, dataDir: where.data, env: io.env, cwd: io.cwd }).config
            .detection.rules,
        ];
  const files = chosen.flatMap(ruleFiles);
  if (files.length === 0)
    throw new PortcullisError('E_INPUT', `There are no rule files in ${chosen.join(', ')}.`);
  return buildRuleSet(files.map((path) => ({ path, text: readFileSync(path, 'utf8') })));
}

function ruleFiles(path: string): readonly string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new PortcullisError('E_INPUT', `There is no file or folder ${path}.`);
  if (!found.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

const columns: readonly Column<FiringRule>[] = [
  { title: 'MODE', cell: (one) => one.mode },
  { title: 'SEVERITY', cell: (one) => one.severity },
  { title: 'PLAYBOOK', cell: (one) => one.playbook },
  { title: 'TESTS', cell: (one) => one.tests.length },
  { title: 'RULE', cell: (one) => one.id },
  { title: 'TITLE', cell: (one) => one.title },
];

const ruleList = defineCommand({
  name: 'rule list',
  summary: 'Detection rules that open offenses. Needs no server.',
  args: { paths },
  offline: true,
  async run({ args, where, io, output }) {
    const rules = [...loadRules(args.paths, where, io).rules.values()];
    if (!output.json) return output.list(rules, columns, 'There are no rules.');
    for (const { id, title, severity, mode, family, playbook, entity, tests, place } of rules)
      output.object({ id, title, severity, mode, family, playbook, entity, tests: tests.length, place });
  },
});

const ruleTest = defineCommand({
  name: 'rule test',
  summary: 'Check rules and run the tests that stand in their files. Needs no server.',
  args: { paths },
  offline: true,
  async run({ args, where, io, output }) {
    const set = loadRules(args.paths, where, io);
    let failed = 0;
    let passed = 0;
    for (const rule of set.rules.values())
      for (const result of runRuleTests(set, rule)) {
        if (result.passed) passed += 1;
        else failed += 1;
        const { test, expected, fired } = result;
        output.show({ rule: rule.id, test, passed: result.passed, expected, fired }, [
          `${result.passed ? output.good('ok') : output.bad('FAILED')}  ${rule.title}: ${test}`,
          ...(result.passed
            ? []
            : [
                `    expected ${expected.join(', ') || 'nothing'}`,
                `    fired    ${fired.join(', ') || 'nothing'}`,
              ]),
        ]);
      }
    if (!output.json) output.text(`${passed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 65;
  },
});

export const ruleCommands = [ruleList, ruleTest];
