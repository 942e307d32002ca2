import type { CompiledType } from '#domain/normalise/compile-type.ts';
import { explainLine } from '#domain/normalise/explain-line.ts';
import { runTypeTests } from '#domain/normalise/type-tests.ts';
import { writtenLine } from '#domain/syslog/written-line.ts';
import { printable } from '#lib/printable.ts';
import { defineCommand } from '../command.ts';
import { readLinesToExplain } from '../input/explained-lines.ts';
import { loadLogSourceTypes, TYPE_PATHS } from '../input/log-source-files.ts';
import { explanationLines } from '../output/line-explanation.ts';
import type { Column } from '../output/table.ts';

const LONGEST = 300;
const paths = { count: 'many', description: TYPE_PATHS } as const;

const columns: readonly Column<CompiledType>[] = [
  { title: 'TYPE', cell: ({ definition }) => definition.name },
  { title: 'ORDER', cell: ({ definition }) => definition.order },
  { title: 'EVENTS', cell: ({ events }) => events.length },
  { title: 'TESTS', cell: ({ definition }) => definition.tests.length },
  { title: 'TAKES', cell: ({ match }) => match.map(({ label }) => label).join('; ') },
  { title: 'TITLE', cell: ({ definition }) => definition.title },
];

const typeList = defineCommand({
  name: 'log-source-type list',
  summary: 'Log source types in the order in which they are asked. Needs no server.',
  args: { paths },
  offline: true,
  async run({ args, where, io, output }) {
    const { all } = loadLogSourceTypes(args.paths, where, io);
    if (!output.json) return output.list(all, columns, 'There are no log source types.');
    for (const { definition, path } of all) {
      const { tests, events, properties: _properties, ...rest } = definition;
      output.object({ ...rest, events: events.map(({ id }) => id), tests: tests.length, path });
    }
  },
});

const typeTest = defineCommand({
  name: 'log-source-type test',
  summary: 'Check log source types and run the tests that stand in their files. Needs no server.',
  args: { paths },
  offline: true,
  async run({ args, where, io, output }) {
    const results = loadLogSourceTypes(args.paths, where, io).all.flatMap(runTypeTests);
    for (const result of results) {
      const { type, test, passed, failures } = result;
      output.show(result, [
        `${passed ? output.good('ok') : output.bad('FAILED')}  ${type}: ${test}`,
        ...failures.map((one) => `    ${printable(one, LONGEST)}`),
      ]);
    }
    const failed = results.filter(({ passed }) => !passed).length;
    if (!output.json) output.text(`${results.length - failed} passed, ${failed} failed`);
    return failed === 0 ? 0 : 65;
  },
});

const typeExplain = defineCommand({
  name: 'log-source-type explain',
  summary:
    'Say which of the types in files takes a line, what each expression finds, and what event comes of it. Needs no server.',
  args: { file: { count: 'one', description: 'File with lines as they were sent; - is standard input.' } },
  options: {
    types: { kind: 'list', value: 'PATH', description: TYPE_PATHS },
    source: {
      kind: 'text',
      value: 'NAME',
      default: 'example',
      description: 'Name of the log source: the realm of its users.',
    },
  },
  offline: true,
  async run({ args, options, where, io, output }) {
    const types = loadLogSourceTypes(options.types, where, io);
    const { source } = options;
    const origin = { source, realm: source, intake: { confirmed: false, transport: 'file' } } as const;
    for (const text of await readLinesToExplain(args.file, io)) {
      const explanation = explainLine(types, writtenLine(text, Date.now()), origin);
      output.show({ line: text, ...explanation }, explanationLines(text, explanation, output));
    }
  },
});

export const logSourceTypeCommands = [typeList, typeTest, typeExplain];
