import { ORIGIN_KEY } from '#contract/event-origin.ts';
import { EVENT_CATALOGUE, type EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { canonicalAddress } from '#lib/ip-text.ts';
import type { JsonObject, JsonValue } from '#lib/json.ts';
import { printable } from '#lib/printable.ts';
import { clampCount, readProperty } from './choose-event.ts';
import type { CompiledEvent } from './compile-type.ts';
import type { SyslogMessage } from '../syslog/message.ts';
import type { LineOrigin } from './line-origin.ts';
import type { LineView } from './line-view.ts';
import { momentOf, textOf } from './transforms.ts';

/** Of a line that nothing reads, so much is shown in lists; the whole is kept. */
const SHOWN_CHARS = 200;
/** Names longer than this are no names. */
const MAX_NAME = 256;

type UnfinishedEvent = { -readonly [Field in keyof EventRecord]: EventRecord[Field] };

/** An event that lacks nothing but its id. */
export interface EventDraft {
  /** Belongs to whoever has the draft: giving it an id makes it an event, without another copy of it. */
  readonly event: UnfinishedEvent;
  /** Values of the record id; undefined when the line has none. */
  readonly key: readonly JsonValue[] | undefined;
  /** The moment that the record keeps, epoch milliseconds; undefined when it has none. */
  readonly keyTimeMs: number | undefined;
  /** How often it happened. */
  readonly count: number;
}

/** Why a value cannot stand in a field of the event; undefined when it can. For people. */
export function fieldProblem(name: string, value: JsonValue): string | undefined {
  return name.startsWith('data.') || fieldValue(name, value) !== undefined
    ? undefined
    : (FIELD_NEEDS[name] ?? 'is no text');
}

const FIELD_NEEDS: Readonly<Record<string, string>> = {
  address: 'is no IP address',
  port: 'is no port',
  time: 'is no moment in milliseconds',
  count: 'is no number',
};

/** The value as the field takes it. */
function fieldValue(name: string, value: JsonValue): string | number | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  switch (name) {
    case 'address':
      return canonicalAddress(text);
    case 'port': {
      const port = Number(text);
      return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535 ? port : undefined;
    }
    case 'time':
      return typeof value === 'number' ? momentOf(value) : undefined;
    case 'count':
      return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
    case 'command':
    case 'message':
      return text;
    default:
      return text.length <= MAX_NAME ? text : undefined;
  }
}

/** The event that a line becomes. */
export function draftEvent(
  type: EventType,
  compiled: CompiledEvent,
  view: LineView,
  origin: LineOrigin,
  repeats: number,
): EventDraft {
  const { line } = view;
  const { mapping, log, properties, isAnonymous } = compiled;
  const entry = EVENT_CATALOGUE[type];
  const data: Record<string, JsonValue> = { log };
  // As `makeEvent` does, without its copy of the fields: that is a twentieth of what a line takes.
  const event: UnfinishedEvent = {
    id: '',
    time: line.timeMs ?? line.receivedAtMs,
    seen: line.receivedAtMs,
    type,
    code: entry.code,
    severity: mapping.severity ?? entry.severity,
    outcome: mapping.outcome ?? entry.outcome,
    source: origin.source,
    realm: origin.realm,
    message: mapping.name,
    raw: line.raw,
    data,
  };
  const fields = event as unknown as Record<string, JsonValue>;
  let count = repeats;
  for (const property of properties) {
    const value = readProperty(property, view);
    if (value === undefined) continue;
    const { name, dataKey } = property;
    if (dataKey !== undefined) {
      data[dataKey] = value;
      continue;
    }
    const own = fieldValue(name, value);
    if (own === undefined) continue;
    if (name === 'count') count = repeats === 1 ? clampCount(Number(own)) : repeats;
    else if (isAnonymous && IDENTITIES.has(name)) {
      // A name moves to where data is; nothing that says who it was stays.
      if (name !== 'user') continue;
      data['typedName'] ??= own;
      data['typedUser'] ??= own;
    } else fields[name] = own;
  }
  if (line.isTruncated) data['truncated'] = true;
  data[ORIGIN_KEY] = origin.intake;
  return { event, count, key: keyOf(compiled, view), keyTimeMs: keyTimeOf(compiled, view) };
}

function keyTimeOf({ keyTime }: CompiledEvent, view: LineView): number | undefined {
  const value = keyTime === undefined ? undefined : readProperty(keyTime, view);
  return typeof value === 'number' ? momentOf(value) : undefined;
}

const IDENTITIES: ReadonlySet<string> = new Set(['user', 'actor', 'account']);

/** All parts must be there: a half id would make different records equal. */
function keyOf({ key }: CompiledEvent, view: LineView): readonly JsonValue[] | undefined {
  if (key.length === 0) return undefined;
  const parts = key.map((property) => readProperty(property, view));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

/**
 * A line that is kept for people to look at, and why nothing was read in it. Nobody authenticated what it says, so it
 * names no user, and its realm is its source.
 */
export function unparsedEvent(
  id: string,
  line: SyslogMessage,
  { source, intake }: LineOrigin,
  reason: string,
  log: JsonObject,
): EventRecord {
  const { receivedAtMs, timeMs, peer, raw, body, isTruncated, untruncatedSize } = line;
  const { format, facility, severity, hostname, appName, procId, msgId } = line;
  return makeEvent('foreign.unparsed', id, receivedAtMs, {
    time: timeMs ?? receivedAtMs,
    source,
    realm: source,
    ...(canonicalAddress(peer.address) === undefined ? {} : { address: peer.address }),
    message: printable(body, SHOWN_CHARS),
    raw,
    data: {
      reason,
      log,
      header: { format, facility, severity, hostname, appName, procId, msgId },
      ...(isTruncated ? { truncated: true, untruncatedSize } : {}),
      [ORIGIN_KEY]: intake,
    },
  });
}
