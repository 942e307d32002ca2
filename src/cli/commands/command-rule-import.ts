import { Document, isMap, isSeq } from 'yaml';
import { PortcullisError } from '#contract/errors.ts';
import { SYSTEM_ROUTES } from '#contract/routes/system-routes.ts';
import { importJumpServerRules, type ImportedRule } from '#domain/command/jumpserver/import-rules.ts';
import { printable } from '#lib/printable.ts';
import { defineCommand } from '../command.ts';
import { readJsonFile } from '../input/json-file.ts';
import { showApplied } from './apply.ts';

const LIMIT_BYTES = 16 * 1024 * 1024;
const LONGEST_NOTE = 500;

export const commandRuleImport = defineCommand({
  name: 'command-rule import',
  summary: 'Make command rules of the command filters of a JumpServer, and print them as YAML for apply.',
  options: {
    jumpserver: {
      kind: 'list',
      value: 'FILE',
      description:
        'JSON as the API of JumpServer answers: command groups and command filter ACLs, or command filters of version 2; also users, assets and groups, for filters that name them by id. May be given again; - for standard input.',
    },
    apply: { kind: 'flag', description: 'Send the rules to the server instead of printing them.' },
  },
  async run({ api, options, io, output }) {
    if (options.jumpserver.length === 0)
      throw new PortcullisError('E_USAGE', 'Name the export with --jumpserver FILE.');
    const documents: unknown[] = [];
    for (const file of options.jumpserver) documents.push(await readJsonFile(file, LIMIT_BYTES, io));
    const { rules, warnings, errors } = importJumpServerRules(documents);
    for (const { path, message } of warnings)
      output.note(
        `${output.caution('warning')}  ${printable(path, LONGEST_NOTE)}: ${printable(message, LONGEST_NOTE)}`,
      );
    if (errors.length > 0)
      throw new PortcullisError(
        'E_INPUT',
        'Some of it cannot be imported without opening what was forbidden; nothing was done.',
        {
          problems: errors.map(({ path, message }) => ({
            path: printable(path, LONGEST_NOTE),
            message: printable(message, LONGEST_NOTE),
          })),
        },
      );
    if (rules.length === 0)
      throw new PortcullisError('E_INPUT', 'There are no command filters in it that apply.');
    const commandRules = rules.map(({ rule }) => rule);
    if (!options.apply) {
      output.show({ commandRules }, yamlOf(rules).trimEnd().split('\n'));
      return;
    }
    const body = { commandRules };
    showApplied(await api.call(SYSTEM_ROUTES.apply, { query: { dryRun: 'false' }, body }), false, output);
  },
});

/** The rules as a document for `apply`, each with where it comes from and what is different. */
function yamlOf(rules: readonly ImportedRule[]): string {
  const document = new Document({ commandRules: rules.map(({ rule }) => rule) });
  const list = document.get('commandRules');
  if (isSeq(list))
    list.items.forEach((item, index) => {
      const { origin, notes } = rules[index] ?? { origin: '', notes: [] };
      const comment = [origin, ...notes].map((text) => ` ${printable(text, LONGEST_NOTE)}`).join('\n');
      if (isMap(item)) item.commentBefore = comment;
    });
  return document.toString({ lineWidth: 0 });
}
