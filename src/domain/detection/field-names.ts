import type { EventRecord } from '#contract/event.ts';
import type { JsonValue } from '#lib/json.ts';
import { effectiveTime } from './event-time.ts';
import { localClock } from './local-time.ts';

/** Reads one field of an event; undefined when the event does not have it. */
export type FieldReader = (event: EventRecord) => JsonValue | undefined;

/**
 * Events in which nobody was authenticated. A name in them was typed by whoever sat there, so `user` is
 * never read from them, whatever an emitter may have put there.
 */
const UNAUTHENTICATED: ReadonlySet<string> = new Set([
  'login.failed',
  'connection.unauthenticated',
  'connection.dropped',
  'foreign.unparsed',
]);

/** True for an event in which nobody was authenticated: names in it are data. */
export function isUnauthenticated(type: string): boolean {
  return UNAUTHENTICATED.has(type);
}

const RECORD_FIELDS: Readonly<Record<string, FieldReader>> = {
  id: (event) => event.id,
  time: (event) => event.time,
  seen: (event) => event.seen,
  type: (event) => event.type,
  code: (event) => event.code,
  severity: (event) => event.severity,
  outcome: (event) => event.outcome,
  source: (event) => event.source,
  realm: (event) => event.realm,
  actor: (event) => event.actor,
  user: (event) => (isUnauthenticated(event.type) ? undefined : event.user),
  address: (event) => event.address,
  port: (event) => event.port,
  asset: (event) => event.asset,
  account: (event) => event.account,
  session: (event) => event.session,
  channel: (event) => event.channel,
  command: (event) => event.command,
  offense: (event) => event.offense,
  message: (event) => event.message,
  raw: (event) => event.raw,
};

/** What an event holds beside `data`. */
export const RECORD_FIELD_NAMES: readonly string[] = Object.keys(RECORD_FIELDS);

/** Fields that no event holds: they are worked out from its time, in the time zone of the rules. */
const LOCAL_TIME_FIELDS = ['time.hour', 'time.weekday'] as const;

/** Names under which public Sigma content and ECS know the same fields. */
const ALIASES: Readonly<Record<string, string>> = {
  CommandLine: 'command',
  User: 'user',
  SourceIp: 'address',
  src_ip: 'address',
  Computer: 'asset',
  EventID: 'code',
  'process.command_line': 'command',
  'user.name': 'user',
  'source.ip': 'address',
  'source.port': 'port',
  'host.name': 'asset',
  'event.action': 'type',
  'event.code': 'code',
  'event.outcome': 'outcome',
};

/** The name under which a field is known here, or undefined when there is no such field. */
export function canonicalField(name: string): string | undefined {
  const known = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  if (known === undefined) return undefined;
  if (FIELD_NAMES.includes(known)) return known;
  return /^data(\.[^.]+)+$/.test(known) ? known : undefined;
}

/** Gives the reader of a canonical field name. */
export function fieldReaders(timeZone: string): (name: string) => FieldReader {
  const clock = localClock(timeZone);
  return (name) => {
    const own = Object.hasOwn(RECORD_FIELDS, name) ? RECORD_FIELDS[name] : undefined;
    if (own !== undefined) return own;
    if (name === 'time.hour') return (event) => clock(effectiveTime(event) ?? event.time).hour;
    if (name === 'time.weekday') return (event) => clock(effectiveTime(event) ?? event.time).weekday;
    return dataReader(name.split('.').slice(1));
  };
}

function dataReader(path: readonly string[]): FieldReader {
  return (event) => {
    let value: JsonValue | undefined = event.data;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
      if (!Object.hasOwn(value, key)) return undefined;
      value = (value as Readonly<Record<string, JsonValue>>)[key];
    }
    return value;
  };
}

/** For messages: what a rule may name. */
export const FIELD_NAMES: readonly string[] = [...RECORD_FIELD_NAMES, ...LOCAL_TIME_FIELDS];
