import { PortcullisError } from '#contract/errors.ts';
import { type Offense, OffenseVerdict } from '#contract/resources/offense.ts';
import { RESPONSE_ROUTES as R } from '#contract/routes/response-routes.ts';
import { defineCommand } from '../command.ts';
import type { Column } from '../output/table.ts';
import { timeText } from '../output/times.ts';
import { offenseReport } from '../output/offense-report.ts';

const id = { count: 'one', description: 'Number or id of the offense.' } as const;

const columns: readonly Column<Offense>[] = [
  { title: 'NR', cell: (one) => one.number },
  { title: 'STATUS', cell: (one) => (one.verdict === null ? one.status : `${one.status} (${one.verdict})`) },
  { title: 'SEVERITY', cell: (one) => one.severity },
  { title: 'ABOUT', cell: (one) => one.entity },
  { title: 'EPISODE', cell: (one) => one.episode },
  { title: 'WITH', cell: (one) => one.assignee },
  { title: 'UPDATED', cell: (one) => timeText(one.updatedAt) },
  { title: 'TITLE', cell: (one) => one.title },
];

const offenseList = defineCommand({
  name: 'offense list',
  summary: 'Offenses, newest first.',
  options: {
    open: { kind: 'flag', description: 'Only open ones.' },
    closed: { kind: 'flag', description: 'Only closed ones.' },
    user: { kind: 'text', value: 'NAME', description: 'About this user of the gateway.' },
    limit: { kind: 'text', value: 'N', default: '100', description: 'At most so many.' },
  },
  async run({ api, options, output }) {
    const { open, closed, user, limit } = options;
    const { items } = await api.call(R.listOffenses, {
      query: {
        status: open === closed ? 'all' : open ? 'open' : 'closed',
        limit,
        ...(user === undefined ? {} : { entity: user.includes(':') ? user : `gateway:${user}` }),
      },
    });
    output.list(items, columns, 'There are no such offenses.');
  },
});

const offenseShow = defineCommand({
  name: 'offense show',
  summary: 'One offense: commands, assets, addresses, what was cut, actions and time line.',
  args: { id },
  async run({ api, args, output }) {
    const offense = await api.call(R.getOffense, { params: args });
    output.show(offense, offenseReport(offense));
  },
});

const offenseClose = defineCommand({
  name: 'offense close',
  summary: 'Close an offense: its episode ends and the rule is re-armed.',
  args: { id },
  options: {
    verdict: {
      kind: 'text',
      value: 'VERDICT',
      default: 'true-positive',
      description: 'true-positive, false-positive or benign.',
    },
    comment: { kind: 'text', default: '', description: 'What was found.' },
  },
  async run({ api, args, options, output }) {
    const verdict = OffenseVerdict.safeParse(options.verdict);
    if (!verdict.success)
      throw new PortcullisError('E_USAGE', `--verdict must be one of ${OffenseVerdict.options.join(', ')}.`);
    const offense = await api.call(R.closeOffense, {
      params: args,
      body: { verdict: verdict.data, comment: options.comment },
    });
    output.show(offense, [`Offense ${offense.number} is closed.`]);
  },
});

const offenseComment = defineCommand({
  name: 'offense comment',
  summary: 'Comment on an offense.',
  args: { id, text: { count: 'one', description: 'The comment, in quotes.' } },
  async run({ api, args, output }) {
    const offense = await api.call(R.commentOffense, { params: { id: args.id }, body: { text: args.text } });
    output.show(offense, [`Your comment is with offense ${offense.number}.`]);
  },
});

const offenseReopen = defineCommand({
  name: 'offense reopen',
  summary: 'Open a closed offense for people again; its episode stays ended and the rule armed.',
  args: { id, why: { count: 'one', description: 'Why, in quotes.' } },
  async run({ api, args, output }) {
    const offense = await api.call(R.reopenOffense, {
      params: { id: args.id },
      body: { comment: args.why },
    });
    output.show(offense, [`Offense ${offense.number} is open again.`]);
  },
});

const offenseAssign = defineCommand({
  name: 'offense assign',
  summary: 'Say who looks after an offense.',
  args: {
    id,
    user: { count: 'maybe', description: 'A user with the role responder or admin; nobody when left out.' },
  },
  async run({ api, args, output }) {
    const offense = await api.call(R.assignOffense, {
      params: { id: args.id },
      body: { assignee: args.user ?? null },
    });
    output.show(offense, [`Offense ${offense.number} is with ${offense.assignee ?? 'nobody'}.`]);
  },
});

const actionArgs = {
  id: { count: 'one', description: 'Id of the action; offense show lists them.' },
} as const;

const actionApprove = defineCommand({
  name: 'action approve',
  summary: 'Let an action that waits for a person run, or send a mail again that did not arrive.',
  args: actionArgs,
  async run({ api, args, output }) {
    const action = await api.call(R.approveAction, { params: args });
    output.show(action, [`${action.action} on ${action.target} is approved; it is ${action.state}.`]);
  },
});

const actionReject = defineCommand({
  name: 'action reject',
  summary: 'Let an action that waits for a person never run.',
  args: actionArgs,
  async run({ api, args, output }) {
    const action = await api.call(R.rejectAction, { params: args });
    output.show(action, [`${action.action} on ${action.target} will not run.`]);
  },
});

export const offenseCommands = [
  offenseList,
  offenseShow,
  offenseClose,
  offenseComment,
  offenseAssign,
  offenseReopen,
  actionApprove,
  actionReject,
];
