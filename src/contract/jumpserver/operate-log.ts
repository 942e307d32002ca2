import { z } from 'zod';
import type { EventRecord } from '../event.ts';
import type { EventType } from '../event-catalogue.ts';
import { type Choice, choice, choiceOf } from './choice.ts';
import { type DisplayNames, isNamed, type Manner, ORGANISATION } from './manner.ts';

const ACTIONS = {
  create: 'Create',
  update: 'Update',
  delete: 'Delete',
  view: 'View',
  download: 'Download',
  change_password: 'Change password',
  finished: 'Finished',
} as const;
export const OperateAction = z.enum([
  'create',
  'update',
  'delete',
  'view',
  'download',
  'change_password',
  'finished',
]);
export type OperateAction = z.infer<typeof OperateAction>;

export const JumpServerOperateLog = z.object({
  id: z.string(),
  user: z.string(),
  action: choiceOf(OperateAction),
  resource_type: z.string(),
  resource: z.string(),
  remote_addr: z.string(),
  datetime: z.string(),
  org_id: z.string(),
  org_name: z.string(),
});
export type JumpServerOperateLog = z.infer<typeof JumpServerOperateLog>;

/** What `?type=action_detail` shows. */
export const OperateDiff = z.object({
  diff: z.array(z.object({ field: z.string(), before: z.string(), after: z.string() })),
});
export type OperateDiff = z.infer<typeof OperateDiff>;

/** What a person or a program may ask of the operations; anything else is passed over. */
export const OperateLogFilter = z.object({
  id: z.string().optional(),
  user: z.string().optional(),
  action: z.string().optional(),
  resource_type: z.string().optional(),
  resource: z.string().optional(),
  remote_addr: z.string().optional(),
  search: z.string().optional(),
  order: z.string().optional(),
});
export type OperateLogFilter = z.infer<typeof OperateLogFilter>;

export function passesOperateLogFilter(log: JumpServerOperateLog, filter: OperateLogFilter): boolean {
  const same = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
  const searched = (filter.search ?? '').toLowerCase();
  return (
    isNamed(log.user, filter.user) &&
    same(filter.action, log.action.value) &&
    same(filter.resource_type, log.resource_type) &&
    isNamed(log.resource, filter.resource) &&
    same(filter.remote_addr, log.remote_addr) &&
    [log.user, log.resource].some((text) => text.toLowerCase().includes(searched))
  );
}

export const OPERATE_TYPES: readonly EventType[] = [
  'object.created',
  'object.updated',
  'object.deleted',
  'lock.added',
  'lock.ended',
  'session.terminated',
  'web.signed_out',
  'recovery.started',
  'recovery.completed',
  'recovery.cancelled',
  'recording.read',
  'user.password_changed',
  'user.second_factor_enrolled',
  'user.second_factor_removed',
  'token.created',
  'token.revoked',
  'offense.assigned',
  'offense.closed',
  'offense.reopened',
];

interface Operation {
  readonly action: OperateAction;
  readonly resourceType: string;
  readonly resource: string;
  readonly diff: OperateDiff['diff'];
}

/** Undefined for an event in which nobody operated on anything. */
export function jumpServerOperateLog(
  event: EventRecord,
  names: DisplayNames,
  { date }: Manner,
): JumpServerOperateLog | undefined {
  const operation = operationOf(event, names);
  if (operation === undefined) return undefined;
  const who = event.actor ?? event.user;
  return {
    id: event.id,
    user: who === undefined || isMachine(who) ? 'System' : names.user(who),
    action: actionChoice(operation.action),
    resource_type: operation.resourceType,
    resource: operation.resource,
    remote_addr: event.address ?? '127.0.0.1',
    datetime: date(event.time),
    org_id: ORGANISATION.id,
    org_name: ORGANISATION.name,
  };
}

/** What the operation changed, as far as the audit trail says; empty when it names no fields. */
export function operateDiff(event: EventRecord, names: DisplayNames): OperateDiff {
  return { diff: operationOf(event, names)?.diff ?? [] };
}

function operationOf(event: EventRecord, names: DisplayNames): Operation | undefined {
  const user = event.user === undefined ? '' : names.user(event.user);
  const onUser = (action: OperateAction, diff: OperateDiff['diff'] = []): Operation => ({
    action,
    resourceType: 'User',
    resource: user,
    diff,
  });
  switch (event.type) {
    case 'object.created':
      return objectOperation('create', event, names);
    case 'object.updated':
      return objectOperation('update', event, names);
    case 'object.deleted':
      return objectOperation('delete', event, names);
    case 'lock.added':
      return lockOperation(event, user, 'create');
    case 'lock.ended':
      return lockOperation(event, user, 'delete');
    case 'session.terminated':
      return { action: 'finished', resourceType: 'Session', resource: event.session ?? '', diff: [] };
    case 'web.signed_out':
      return { action: 'finished', resourceType: 'User session', resource: user, diff: [] };
    case 'recovery.started':
      return onUser('update', [{ field: 'Recovery', before: '', after: 'started' }]);
    case 'recovery.completed':
      return onUser('update', [{ field: 'Recovery', before: 'started', after: 'completed' }]);
    case 'recovery.cancelled':
      return onUser('update', [{ field: 'Recovery', before: 'started', after: 'cancelled' }]);
    case 'user.password_changed':
      return onUser('change_password');
    case 'user.second_factor_enrolled':
      return onUser('update', [{ field: 'MFA', before: '', after: 'Enabled' }]);
    case 'user.second_factor_removed':
      return onUser('update', [{ field: 'MFA', before: 'Enabled', after: 'Disabled' }]);
    case 'recording.read':
      return {
        action: text(event.data['how']) === 'download' ? 'download' : 'view',
        resourceType: 'Session replay',
        resource: event.session ?? '',
        diff: [],
      };
    case 'token.created':
      return { action: 'create', resourceType: 'Access token', resource: user, diff: [] };
    case 'token.revoked':
      return { action: 'delete', resourceType: 'Access token', resource: user, diff: [] };
    case 'offense.assigned':
    case 'offense.closed':
    case 'offense.reopened':
      return { action: 'update', resourceType: 'Offense', resource: event.offense ?? '', diff: [] };
    default:
      return undefined;
  }
}

/** A lock on a user is what JumpServer knows as an inactive user; every other lock is a thing of its own. */
function lockOperation(event: EventRecord, user: string, action: 'create' | 'delete'): Operation {
  if (text(event.data['targetKind']) !== 'user')
    return {
      action,
      resourceType: 'Lock',
      resource: `${text(event.data['targetKind'])} ${text(event.data['target'])}`,
      diff: [],
    };
  const [before, after] = action === 'create' ? ['True', 'False'] : ['False', 'True'];
  return {
    action: 'update',
    resourceType: 'User',
    resource: user,
    diff: [{ field: 'Active', before, after }],
  };
}

const RESOURCE_TYPES: Readonly<Record<string, string>> = {
  user: 'User',
  group: 'User group',
  asset: 'Asset',
  account: 'Account',
  grant: 'Asset permission',
  'login-rule': 'Login ACL',
  'command-rule': 'Command filter ACL',
  'host-keys': 'Host key',
};

function objectOperation(action: OperateAction, event: EventRecord, names: DisplayNames): Operation {
  const kind = text(event.data['kind']);
  const name = text(event.data['name']);
  const { fields } = event.data;
  return {
    action,
    resourceType: RESOURCE_TYPES[kind] ?? kind,
    resource: kind === 'user' ? names.user(name) : kind === 'asset' ? names.asset(name) : name,
    // The trail says which fields changed; what they held is not kept.
    diff: Array.isArray(fields) ? fields.map((field) => ({ field: text(field), before: '', after: '' })) : [],
  };
}

function actionChoice(action: OperateAction): Choice<OperateAction> {
  return choice(action, ACTIONS[action]);
}

/** Names under which the program itself acts. */
export function isMachine(name: string): boolean {
  return name === 'system' || name === 'portcullis';
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
