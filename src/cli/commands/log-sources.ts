import type { LogSource } from '#contract/resources/log-source.ts';
import { LOG_SOURCE_ROUTES as R } from '#contract/routes/log-source-routes.ts';
import { defineCommand } from '../command.ts';
import { readLinesToExplain } from '../input/explained-lines.ts';
import { explanationLines } from '../output/line-explanation.ts';
import type { Output } from '../output/output.ts';
import type { Column } from '../output/table.ts';
import { timeText } from '../output/times.ts';

/** So many lines are explained in one call. */
const LINES_A_CALL = 100;
const name = { count: 'one', description: 'Name of the log source.' } as const;
const realm = {
  kind: 'text',
  value: 'CONNECTOR',
  description: 'Connector whose users its users are, so that they can be contained there.',
} as const;

const columns: readonly Column<LogSource>[] = [
  { title: 'LOG SOURCE', cell: (one) => one.name },
  { title: 'CONFIRMED', cell: (one) => (one.confirmed ? `by ${one.confirmedBy ?? ''}` : 'no') },
  { title: 'ADDRESS', cell: (one) => one.address },
  { title: 'HOST', cell: (one) => one.host },
  { title: 'APP', cell: (one) => one.app },
  { title: 'USERS OF', cell: (one) => one.realm },
  { title: 'LAST', cell: (one) => timeText(one.lastAt) },
  { title: 'PER MINUTE', cell: (one) => one.ratePerMinute },
  { title: 'MESSAGES', cell: (one) => one.messages },
  { title: 'UNREAD', cell: (one) => one.failures },
  {
    title: 'TYPES',
    cell: ({ types }) =>
      Object.entries(types)
        .toSorted(([, left], [, right]) => right - left)
        .map(([type, count]) => `${type} ${count}`)
        .join(', '),
  },
];

const logSourceList = defineCommand({
  name: 'log-source list',
  summary: 'Where foreign events come from, and what came.',
  async run({ api, output }) {
    const { items } = await api.call(R.listLogSources);
    output.list(
      items,
      columns,
      'Nothing has come in yet. Addresses to send to stand under intake in the configuration.',
    );
  },
});

const logSourceConfirm = defineCommand({
  name: 'log-source confirm',
  summary: 'Confirm a source: from now on its events may bring about a response.',
  args: { name },
  options: { realm },
  async run({ api, args, options, output }) {
    const source = await api.call(R.confirmLogSource, {
      params: args,
      body: options.realm === undefined ? {} : { realm: options.realm },
    });
    output.show(source, confirmedLines(source, output));
  },
});

const logSourceAdd = defineCommand({
  name: 'log-source add',
  summary: 'Name a source before it is seen; it is confirmed.',
  args: {
    name: { count: 'one', description: 'How it is called from now on.' },
    address: { count: 'one', description: 'Address it sends from, or a range such as 10.0.0.0/24.' },
  },
  options: {
    host: {
      kind: 'text',
      value: 'HOST',
      default: '*',
      description: 'Host name in the header of its lines, when several send from one address.',
    },
    app: {
      kind: 'text',
      value: 'APP',
      default: '*',
      description: 'App name in the header of its lines, when not all of them are meant.',
    },
    realm,
  },
  async run({ api, args, options, output }) {
    const { host, app } = options;
    const source = await api.call(R.addLogSource, {
      body: { ...args, host, app, ...(options.realm === undefined ? {} : { realm: options.realm }) },
    });
    output.show(source, confirmedLines(source, output));
  },
});

function confirmedLines(source: LogSource, output: Output): readonly string[] {
  const { address, host, app } = source;
  const lines = [
    `from ${address}`,
    ...(host === '*' ? [] : [host === '' ? 'without a host name' : `of the host ${host}`]),
    ...(app === '*' ? [] : [`of the app ${app}`]),
  ];
  return [
    `${source.name}: ${output.good('confirmed')}`,
    `  lines ${lines.join(', ')}`,
    source.realm === source.name
      ? '  its users are its own: no connector can contain them'
      : `  its users are those of ${source.realm}`,
  ];
}

const logSourceForget = defineCommand({
  name: 'log-source forget',
  summary: 'Forget sources. One that sends again is listed again, unconfirmed.',
  args: { names: { count: 'many', description: 'Names of log sources.' } },
  async run({ api, args, output }) {
    for (const one of args.names) {
      await api.call(R.forgetLogSource, { params: { name: one } });
      output.show({ name: one, forgotten: true }, [`${one}: forgotten`]);
    }
  },
});

const logSourceExplain = defineCommand({
  name: 'log-source explain',
  summary: 'Say what would become of lines: source, type, expression by expression, event. Stores nothing.',
  args: { file: { count: 'one', description: 'File with lines as they were sent; - is standard input.' } },
  options: {
    address: {
      kind: 'text',
      value: 'ADDRESS',
      default: '127.0.0.1',
      description: 'Where they would have come from.',
    },
  },
  async run({ api, args, options, io, output }) {
    const lines = await readLinesToExplain(args.file, io);
    for (let at = 0; at < lines.length; at += LINES_A_CALL) {
      const body = { lines: lines.slice(at, at + LINES_A_CALL), address: options.address };
      const { items } = await api.call(R.explainLines, { body });
      for (const one of items) {
        const { source } = one;
        const known = source.known ? '' : ', never seen before';
        output.show(one, [
          ...explanationLines(one.line, one, output),
          `  source    ${source.name} (${source.confirmed ? 'confirmed' : 'unconfirmed'}${known}), users of ${source.realm}`,
        ]);
      }
    }
  },
});

export const logSourceCommands = [
  logSourceList,
  logSourceAdd,
  logSourceConfirm,
  logSourceForget,
  logSourceExplain,
];
