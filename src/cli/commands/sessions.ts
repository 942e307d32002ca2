import { PortcullisError } from '#contract/errors.ts';
import type { Session } from '#contract/resources/session.ts';
import { SESSION_ROUTES as R } from '#contract/routes/session-routes.ts';
import { defineCommand } from '../command.ts';
import { describeContainment } from '../output/containment.ts';
import type { Column } from '../output/table.ts';
import { readPast, timeText } from '../output/times.ts';

const id = { count: 'one', description: 'Id of the session.' } as const;
const reason = {
  kind: 'text',
  default: '',
  description: 'Why; the person sees it, and the audit trail.',
} as const;

const columns: readonly Column<Session>[] = [
  { title: 'SESSION', cell: (one) => one.id },
  { title: 'STATE', cell: (one) => (one.state === 'ended' ? (one.endReason ?? 'ended') : one.state) },
  { title: 'USER', cell: (one) => one.username },
  { title: 'TARGET', cell: (one) => (one.asset === null ? null : `${one.account ?? '?'}@${one.asset}`) },
  { title: 'FROM', cell: (one) => one.address },
  { title: 'STARTED', cell: (one) => timeText(one.startedAt) },
  { title: 'ENDED', cell: (one) => timeText(one.endedAt) },
  { title: 'RUNS', cell: (one) => one.channels.join(', ') },
];

const sessionList = defineCommand({
  name: 'session list',
  summary: 'Sessions, newest first.',
  options: {
    user: { kind: 'text', value: 'NAME', description: 'Only of this user.' },
    asset: { kind: 'text', value: 'NAME', description: 'Only on this asset.' },
    live: { kind: 'flag', description: 'Only those that run now.' },
    since: { kind: 'text', value: 'TIME', description: 'Started since, e.g. 24h or 2026-11-22.' },
    until: { kind: 'text', value: 'TIME', description: 'Started before.' },
    limit: { kind: 'text', value: 'N', default: '100', description: 'At most so many.' },
  },
  async run({ api, options, output }) {
    const { user, asset, live, since, until, limit } = options;
    const { items } = await api.call(R.listSessions, {
      query: {
        user,
        asset,
        limit,
        state: live ? 'live' : 'all',
        ...(since === undefined ? {} : { since: String(readPast(since, '--since', Date.now())) }),
        ...(until === undefined ? {} : { until: String(readPast(until, '--until', Date.now())) }),
      },
    });
    output.list(items, columns, 'There are no such sessions.');
  },
});

const sessionShow = defineCommand({
  name: 'session show',
  summary: 'One session with its recordings.',
  args: { id },
  async run({ api, args, output }) {
    const session = await api.call(R.getSession, { params: args });
    const { items: recordings } = await api.call(R.listRecordings, { params: args });
    output.show({ ...session, recordings }, [
      `session    ${session.id}`,
      `state      ${session.state}${session.endReason === null ? '' : ` (${session.endReason})`}`,
      `user       ${session.username}`,
      `target     ${session.asset === null ? '-' : `${session.account ?? '?'}@${session.asset}`}`,
      `from       ${session.address} port ${session.port}`,
      `client     ${session.clientSoftware ?? '-'}`,
      `grant      ${session.grant ?? '-'}`,
      `started    ${timeText(session.startedAt)}`,
      `ended      ${timeText(session.endedAt)}`,
      ...recordings.map(
        (one) =>
          `recording  ${one.id} ${one.kind}, ${one.state}${one.erased ? ', erased' : ''}, ${one.bytes} bytes`,
      ),
    ]);
  },
});

const sessionKill = defineCommand({
  name: 'session kill',
  summary: 'End live sessions, one by id or all of a user, and answer when they are gone.',
  args: { id: { count: 'maybe', description: 'Id of the session.' } },
  options: { user: { kind: 'text', value: 'NAME', description: 'All sessions of this user.' }, reason },
  async run({ api, args, options, output }) {
    if ((args.id === undefined) === (options.user === undefined))
      throw new PortcullisError('E_USAGE', 'Give the id of a session, or --user NAME.');
    const containment =
      options.user === undefined
        ? await api.call(R.killSession, { params: { id: args.id ?? '' }, body: { reason: options.reason } })
        : await api.call(R.killSessions, { body: { user: options.user, reason: options.reason } });
    return describeContainment(containment, output, []);
  },
});

export const sessionCommands = [sessionList, sessionShow, sessionKill];
