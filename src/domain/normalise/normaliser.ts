import { ORIGIN_KEY } from '#contract/event-origin.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { derivedId, orderedId, type NewId } from '#lib/ids.ts';
import { RecentSet } from '#lib/recent-set.ts';
import { unparsedEvent } from './build-event.ts';
import type { LineOrigin } from './line-origin.ts';
import type { SyslogMessage } from '../syslog/message.ts';
import type { LogSourceTypes } from './log-source-types.ts';
import { readLine, type Reading } from './read-line.ts';

export interface NormaliserOptions {
  /** Asked for every line, so that types can change while lines come. */
  readonly types: () => LogSourceTypes;
  readonly newId: NewId;
  /** So many record ids are remembered at least; of older ones a repetition is stored again, under the same event id. */
  readonly remembered?: number;
}

const REMEMBERED = 50_000;

/**
 * Turns lines into events. Never throws. What no type can read becomes one `foreign.unparsed` with the reason; no
 * event at all comes of a record that came before, from whichever node of the same realm.
 */
export function createNormaliser({
  types,
  newId,
  remembered = REMEMBERED,
}: NormaliserOptions): (line: SyslogMessage, origin: LineOrigin) => readonly EventRecord[] {
  const known = new RecentSet<string>(remembered);
  return (line, origin) => {
    const reading = readLine(types(), line);
    const record = recordOf(reading, origin.realm);
    if (record === undefined) return eventsOf(reading, line, origin, newId);
    if (!known.add(record.name)) return [];
    return eventsOf(reading, line, origin, () => recordEventId(record));
  };
}

/** A record of a log, the same however often it is sent. */
export interface LogRecord {
  readonly name: string;
  /** When it was made, if that can be told from every line of it; epoch milliseconds. */
  readonly madeAtMs: number | undefined;
}

/** The record that a line tells of; undefined when its type has no record id. */
export function recordOf(reading: Reading, realm: string): LogRecord | undefined {
  if (reading.kind !== 'event' || reading.draft.key === undefined) return undefined;
  const { key, keyTimeMs } = reading.draft;
  return {
    name: JSON.stringify([realm, reading.type.definition.name, ...key]),
    madeAtMs: keyTimeMs,
  };
}

/** Derived from the record, so that a repetition after a restart is known by the stages behind. */
export function recordEventId({ name, madeAtMs }: LogRecord): string {
  return madeAtMs === undefined ? derivedId('log record', name) : orderedId(madeAtMs, 'log record', name);
}

/** The events of one reading, with ids from the given source. */
export function eventsOf(
  reading: Reading,
  line: SyslogMessage,
  origin: LineOrigin,
  newId: NewId,
): readonly EventRecord[] {
  if (reading.kind === 'raw') {
    const { type, event, reason } = reading;
    const log = event?.log ?? (type === undefined ? {} : { type: type.definition.name });
    return [unparsedEvent(newId(line.receivedAtMs), line, origin, reason, log)];
  }
  const { type, timeMs, fields, count } = reading.draft;
  const { receivedAtMs, raw } = line;
  const { source, realm, intake } = origin;
  const all = {
    ...fields,
    time: timeMs,
    source,
    realm,
    raw,
    data: { ...fields.data, [ORIGIN_KEY]: intake },
  };
  if (count === 1) return [makeEvent(type, newId(receivedAtMs), receivedAtMs, all)];
  return Array.from({ length: count }, () => makeEvent(type, newId(receivedAtMs), receivedAtMs, all));
}
