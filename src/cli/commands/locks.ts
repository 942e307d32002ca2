import { PortcullisError } from '#contract/errors.ts';
import { type Lock, LockMode, LockTargetKind } from '#contract/resources/lock.ts';
import { RESPONSE_ROUTES as R } from '#contract/routes/response-routes.ts';
import { USER_ROUTES } from '#contract/routes/user-routes.ts';
import { defineCommand } from '../command.ts';
import { describeContainment } from '../output/containment.ts';
import type { Column } from '../output/table.ts';
import { readFuture, timeText } from '../output/times.ts';

const columns: readonly Column<Lock>[] = [
  { title: 'LOCK', cell: (one) => one.id },
  { title: 'ON', cell: (one) => `${one.targetKind} ${one.target}` },
  { title: 'MODE', cell: (one) => one.mode },
  { title: 'BY', cell: (one) => one.owner },
  { title: 'SINCE', cell: (one) => timeText(one.createdAt) },
  { title: 'UNTIL', cell: (one) => timeText(one.expiresAt) },
  { title: 'REASON', cell: (one) => one.reason },
];

const lockList = defineCommand({
  name: 'lock list',
  summary: 'Locks in force.',
  async run({ api, output }) {
    const { items } = await api.call(R.listLocks);
    output.list(items, columns, 'Nothing is locked.');
  },
});

const lockAdd = defineCommand({
  name: 'lock add',
  summary: 'Add a lock, and answer when the sessions it concerns are gone.',
  args: {
    kind: { count: 'one', description: `What is locked: ${LockTargetKind.options.join(', ')}.` },
    target: {
      count: 'one',
      description:
        'Name, account@asset, address or range, SHA256:… of a key, session id, or * for the gateway.',
    },
  },
  options: {
    mode: {
      kind: 'text',
      value: 'MODE',
      default: 'cut',
      description: 'deny (nothing new), freeze (typing too) or cut (live sessions end).',
    },
    reason: { kind: 'text', default: '', description: 'Why; it goes to the audit trail.' },
    expires: {
      kind: 'text',
      value: 'TIME',
      description: 'When it ends by itself, e.g. 2h or 2026-11-22T18:00.',
    },
  },
  async run({ api, args, options, output }) {
    const kind = LockTargetKind.safeParse(args.kind);
    if (!kind.success)
      throw new PortcullisError(
        'E_USAGE',
        `${args.kind} cannot be locked; there are ${LockTargetKind.options.join(', ')}.`,
      );
    const mode = LockMode.safeParse(options.mode);
    if (!mode.success)
      throw new PortcullisError('E_USAGE', `--mode must be one of ${LockMode.options.join(', ')}.`);
    const added = await api.call(R.addLock, {
      body: {
        targetKind: kind.data,
        target: args.target,
        mode: mode.data,
        reason: options.reason,
        expiresAt:
          options.expires === undefined ? null : readFuture(options.expires, '--expires', Date.now()),
      },
    });
    return describeContainment(added.containment, output, [`lock ${added.lock.id} is in force`], added);
  },
});

const lockRemove = defineCommand({
  name: 'lock remove',
  summary: 'End a lock. When it contained an offense, the episode ends and the rule is re-armed.',
  args: { id: { count: 'one', description: 'Id of the lock.' } },
  options: { reason: { kind: 'text', default: '', description: 'Why; it goes to the audit trail.' } },
  async run({ api, args, options, output }) {
    const lock = await api.call(R.removeLock, { params: args, query: { reason: options.reason } });
    output.show(lock, [`The lock on ${lock.targetKind} ${lock.target} has ended.`]);
  },
});

function routeOf(options: {
  readonly status: boolean;
  readonly resume: boolean;
  readonly approve: boolean;
  readonly cancel: boolean;
}): RecoveryRoute {
  if (options.cancel) return USER_ROUTES.cancelRecovery;
  if (options.approve) return USER_ROUTES.approveRecovery;
  if (options.resume) return USER_ROUTES.resumeRecovery;
  return options.status ? USER_ROUTES.getRecovery : USER_ROUTES.startRecovery;
}

type RecoveryRoute = (typeof USER_ROUTES)[
  | 'cancelRecovery'
  | 'approveRecovery'
  | 'resumeRecovery'
  | 'getRecovery'
  | 'startRecovery'];

const recover = defineCommand({
  name: 'recover',
  summary: 'Give a user access again: old credentials die, a one-time link is mailed.',
  args: { username: { count: 'one', description: 'Name of the user.' } },
  options: {
    status: { kind: 'flag', description: 'Only show how far the last recovery got.' },
    resume: { kind: 'flag', description: 'Mail a fresh link at once; the earlier one dies.' },
    approve: { kind: 'flag', description: 'As a second person, let the link be mailed.' },
    cancel: { kind: 'flag', description: 'End the recovery instead; the old credentials stay dead.' },
  },
  async run({ api, args, options, output }) {
    const route = routeOf(options);
    const recovery = await api.call(route, { params: args });
    output.show(recovery, [
      `recovery of ${recovery.username}: ${recovery.state}`,
      ...recovery.steps.map(
        ({ name, state, detail, nextAt }) =>
          `  ${name}: ${state}${detail === null ? '' : ` (${detail})`}${nextAt === null ? '' : `, tried again at ${timeText(nextAt)}`}`,
      ),
      ...(recovery.completedAt === null && !options.status && !options.cancel
        ? [`The link goes to ${recovery.mailAddress}. Access is back when it was used.`]
        : []),
    ]);
  },
});

export const lockCommands = [lockList, lockAdd, lockRemove, recover];
