import { PortcullisError } from '#contract/errors.ts';
import type { ActionTrial } from '#contract/resources/action-trial.ts';
import { RESPONSE_ROUTES as R } from '#contract/routes/response-routes.ts';
import { sessionPlace } from '#domain/access/session-place.ts';
import { printable } from '#lib/printable.ts';
import { defineCommand } from '../command.ts';
import type { Output } from '../output/output.ts';

export const actionTest = defineCommand({
  name: 'action test',
  summary: 'Try an action with given values: what is there, what would be done, which guards object.',
  args: { name: { count: 'one', description: 'lock, block, terminate or mail.' } },
  options: {
    set: {
      kind: 'list',
      value: 'KEY=VALUE',
      description:
        "user='Alice Li(alice)' or user=alice (with realm=jumpserver-1 for somebody there; block: address=192.0.2.1), and what the action takes; may be repeated.",
    },
    send: { kind: 'flag', description: 'Really send the mail, marked as a test.' },
  },
  async run({ api, args, options, output }) {
    const set = Object.fromEntries(options.set.map(readPair));
    const trial = await api.call(R.testAction, { body: { name: args.name, set, send: options.send } });
    output.show(trial, trialLines(trial, output));
  },
});

function readPair(pair: string): readonly [key: string, value: string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new PortcullisError('E_USAGE', `--set ${pair} is no KEY=VALUE.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function trialLines(trial: ActionTrial, output: Output): readonly string[] {
  const { before, objections, mail, sent } = trial;
  return [
    `now        ${before.locks.length} locks, ${before.sessions.length} sessions`,
    ...before.locks.map((id) => `  lock     ${id}`),
    ...before.sessions.map(
      (one) =>
        `  session  ${sessionPlace(one)} from ${one.address}: ${printable(one.channels.join('; ') || 'nothing runs', 200)}`,
    ),
    `action     ${trial.action} on ${trial.target}: ${trial.summary}`,
    ...objections.map(({ guard, why }) => `${output.caution('guard')}      ${guard}: ${why}`),
    ...(mail === null
      ? []
      : [
          `to         ${mail.to.join(', ')}`,
          `subject    ${mail.subject}`,
          '',
          ...mail.text.trimEnd().split('\n'),
          '',
        ]),
    sent === null ? 'Nothing was done.' : `The mail was sent: ${printable(sent, 300)}`,
  ];
}
