import { z } from 'zod';
import { parseIpAddress, parseIpRange, rangeContains } from '#lib/ip.ts';
import type { EventRecord } from '../event.ts';
import type { EventType } from '../event-catalogue.ts';
import { type Choice, choice, choiceOf } from './choice.ts';
import { Flag } from './filters.ts';
import { type DisplayNames, isNamed, type Manner } from './manner.ts';

/** W is the browser, T an SSH client, U what JumpServer calls unknown: programs that come to the API. */
export type LoginType = 'W' | 'T' | 'U';
const LOGIN_TYPES: Readonly<Record<LoginType, string>> = { W: 'Web', T: 'Terminal', U: 'API' };

export const JumpServerLoginLog = z.object({
  id: z.string(),
  username: z.string(),
  type: choiceOf(z.enum(['W', 'T', 'U'])),
  ip: z.string(),
  city: z.string(),
  user_agent: z.string(),
  /** 0 without, 1 with a second factor, 2 not known: the login failed. */
  mfa: choiceOf(z.union([z.literal(0), z.literal(1), z.literal(2)])),
  reason: z.string(),
  reason_display: z.string(),
  backend: z.string(),
  backend_display: z.string(),
  status: choiceOf(z.boolean()),
  datetime: z.string(),
});
export type JumpServerLoginLog = z.infer<typeof JumpServerLoginLog>;

/** What a person or a program may ask of the logins; anything else is passed over. */
export const LoginLogFilter = z.object({
  id: z.string().optional(),
  username: z.string().optional(),
  ip: z.string().optional(),
  city: z.string().optional(),
  type: z.string().optional(),
  backend: z.string().optional(),
  status: Flag.optional(),
  mfa: z.string().optional(),
  user_agent: z.string().optional(),
  search: z.string().optional(),
  order: z.string().optional(),
});
export type LoginLogFilter = z.infer<typeof LoginLogFilter>;

export function passesLoginLogFilter(log: JumpServerLoginLog, filter: LoginLogFilter): boolean {
  const same = (wanted: string | undefined, is: string): boolean => wanted === undefined || wanted === is;
  const searched = (filter.search ?? '').toLowerCase();
  return (
    isNamed(log.username, filter.username) &&
    same(filter.ip, log.ip) &&
    same(filter.city, log.city) &&
    same(filter.type, log.type.value) &&
    same(filter.backend, log.backend) &&
    same(filter.mfa, String(log.mfa.value)) &&
    same(filter.user_agent, log.user_agent) &&
    [log.username, log.ip, log.city].some((text) => text.toLowerCase().includes(searched))
  );
}

const SUCCESS_TYPES = ['login.succeeded', 'web.signed_in'] as const satisfies readonly EventType[];
const FAILURE_TYPES = ['login.failed'] as const satisfies readonly EventType[];

/** The event types in which logins of one status are told; of both when it is not said. */
export function loginTypesOf(status: boolean | undefined): readonly EventType[] {
  if (status === undefined) return [...SUCCESS_TYPES, ...FAILURE_TYPES];
  return status ? SUCCESS_TYPES : FAILURE_TYPES;
}

/** Undefined for an event that is no login. */
export function jumpServerLoginLog(
  event: EventRecord,
  names: DisplayNames,
  { date }: Manner,
): JumpServerLoginLog | undefined {
  if (!loginTypesOf(undefined).includes(event.type)) return undefined;
  const succeeded = event.outcome === 'success';
  const reason = succeeded ? '' : text(event.data['reason']);
  const backend = backendOf(text(event.data['method']));
  return {
    id: event.id,
    // Who was let in is written as a person, who was not as what they typed.
    username: event.user === undefined ? text(event.data['typedName']) : names.user(event.user),
    type: loginType(event),
    ip: event.address ?? '',
    city: isPrivate(event.address ?? '') ? 'LAN' : 'Unknown',
    user_agent: text(event.data['clientSoftware']) || text(event.data['client']),
    mfa: mfaOf(event, succeeded),
    reason,
    reason_display: reason === '' ? '' : (REASONS[reason] ?? reason.replaceAll('_', ' ')),
    backend,
    backend_display: backend,
    status: choice(succeeded, succeeded ? 'Success' : 'Failed'),
    datetime: date(event.time),
  };
}

function loginType(event: EventRecord): Choice<LoginType> {
  const channel = event.channel ?? text(event.data['channel']);
  const type: LoginType = channel === 'ssh' ? 'T' : channel === 'web' ? 'W' : 'U';
  return choice(type, LOGIN_TYPES[type]);
}

function mfaOf(event: EventRecord, succeeded: boolean): Choice<0 | 1 | 2> {
  if (!succeeded) return choice(2, '-');
  return typeof event.data['secondFactor'] === 'string' ? choice(1, 'Enabled') : choice(0, 'Disabled');
}

const BACKENDS: Readonly<Record<string, string>> = {
  password: 'Password',
  'keyboard-interactive': 'Password',
  publickey: 'SSH Key',
  token: 'Auth Token',
};

function backendOf(method: string): string {
  return BACKENDS[method] ?? method;
}

const REASONS: Readonly<Record<string, string>> = {
  unknown_user: 'There is no such user',
  no_password: 'The user has no password',
  wrong_password: 'The password is wrong',
  back_off: 'Too many failures: refused without a look at the password',
  busy: 'The server was too busy to check the password',
  locked: 'The account is locked',
  login_rule: 'A login rule does not allow it',
  service_user: 'A service user does not log in interactively',
};

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** RFC 1918, loopback, link-local, unique local IPv6 (RFC 4193). */
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
]
  .map(parseIpRange)
  .filter((range) => range !== undefined);

function isPrivate(text: string): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && PRIVATE.some((range) => rangeContains(range, address));
}
