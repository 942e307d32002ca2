import { z } from 'zod';
import { PortcullisError, type Problem } from '#contract/errors.ts';
import { problemsOf } from '#contract/problems.ts';
import { CommandRuleInput, type CommandRuleWarning } from '#contract/resources/command-rule.ts';
import { INVENTORY_ROUTES } from '#contract/routes/inventory-routes.ts';
import { checkCommandRules } from '#domain/command/check-rule.ts';
import { lintCommandRules, type RuleSetWarning } from '#domain/command/lint/lint-rules.ts';
import { defineCommand } from '../command.ts';
import { readYamlFile } from '../input/apply-file.ts';
import type { CliIo } from '../io.ts';
import { commandText } from '../output/marked-line.ts';
import type { Output } from '../output/output.ts';

/** Of a file for `apply`, only the rules. */
const RulesFile = z.object({ commandRules: z.array(CommandRuleInput).default([]) });
const MOST_EXAMPLES = 5;

export const commandRuleLint = defineCommand({
  name: 'command-rule lint',
  summary:
    'Say what command rules stop that they should not, and what they miss, each with a line that shows it.',
  args: {
    file: {
      count: 'maybe',
      description:
        'A file for apply, or - for standard input, looked at without a server; without it, the stored rules.',
    },
  },
  async run({ api, args, io, output }) {
    const rules =
      args.file === undefined
        ? (await api.call(INVENTORY_ROUTES.listCommandRules)).items
        : await rulesOf(args.file, io);
    const warnings = lintCommandRules(rules);
    if (output.json) for (const warning of warnings) output.object(warning);
    else for (const line of report(rules, warnings, output)) output.text(line);
  },
});

async function rulesOf(file: string, io: CliIo): Promise<readonly CommandRuleInput[]> {
  const { path, value } = await readYamlFile(file, io);
  const refuse = (problems: readonly Problem[]): PortcullisError =>
    new PortcullisError('E_INPUT', `The command rules of ${path} are not valid.`, { problems });
  const read = RulesFile.safeParse(value);
  if (!read.success) throw refuse(problemsOf(read.error));
  const problems = checkCommandRules(read.data.commandRules);
  if (problems.length > 0) throw refuse(problems);
  return read.data.commandRules;
}

function report(
  rules: readonly CommandRuleInput[],
  warnings: readonly RuleSetWarning[],
  output: Output,
): readonly string[] {
  const counted = `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`;
  if (warnings.length === 0) return [`Nothing to say about ${counted}.`];
  const groups = Map.groupBy(warnings, ({ rule }) => rule ?? 'all rules together');
  return [
    ...[...groups].flatMap(([name, ones]) => [
      `${name}:`,
      ...ones.flatMap((one) => warningLines(one, output)),
    ]),
    `${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'} about ${counted}.`,
  ];
}

const LABELS: Readonly<Record<CommandRuleWarning['effect'], string>> = {
  'too-much': 'too much',
  'too-little': 'too little',
  advice: 'advice',
};

function warningLines({ effect, message, examples }: CommandRuleWarning, output: Output): readonly string[] {
  const label = LABELS[effect].padEnd(10);
  const shown = examples.slice(0, MOST_EXAMPLES).map(({ pattern, line }) => {
    // Blanks at the ends of a pattern count, and would not be seen.
    const from = pattern === null || pattern.trim() === pattern ? pattern : JSON.stringify(pattern);
    return `                ${from === null ? '' : `${commandText(from)}  →  `}${commandText(line)}`;
  });
  const left = examples.length - shown.length;
  return [
    `    ${effect === 'advice' ? label : output.caution(label)}  ${message}`,
    ...shown,
    ...(left > 0 ? [`                and ${left} more`] : []),
  ];
}
