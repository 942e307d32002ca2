import type { EventRecord } from '#contract/event.ts';
import { derivedId, orderedId, type NewId } from '#lib/ids.ts';
import { RecentIds } from '#lib/recent-ids.ts';
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
  const known = new RecentIds(remembered);
  return (line, origin) => {
    const reading = readLine(types(), line, origin);
    const id = recordEventId(reading, origin.realm);
    if (id === undefined) return eventsOf(reading, line, origin, newId);
    return known.add(id) ? eventsOf(reading, line, origin, () => id) : [];
  };
}

/**
 * The id of the event of a record, the same however often the record is sent, also after a restart; undefined when the
 * line tells of none. It grows with the moment that the record keeps, if it keeps one.
 */
export function recordEventId(reading: Reading, realm: string): string | undefined {
  if (reading.kind !== 'event' || reading.draft.key === undefined) return undefined;
  const { key, keyTimeMs } = reading.draft;
  const { name } = reading.type.definition;
  return keyTimeMs === undefined
    ? derivedId('log record', realm, name, ...key)
    : orderedId(keyTimeMs, 'log record', realm, name, ...key);
}

/** The events of one reading, with ids from the given source. A reading gives its events once. */
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
  const { event, count } = reading.draft;
  event.id = newId(line.receivedAtMs);
  if (count === 1) return [event];
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? event : { ...event, id: newId(line.receivedAtMs) },
  );
}
