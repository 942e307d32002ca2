import type { EventRecord } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import type { StreamEntry } from '#stream/stream.ts';
import { LAST_SECOND } from './schema.ts';

/** A row as the engine gives it back. Absent fields are empty or 0. */
export interface EventRow {
  readonly position: number;
  readonly id: string;
  readonly time: number;
  readonly seen: number;
  readonly type: EventRecord['type'];
  readonly code: string;
  readonly severity: EventRecord['severity'];
  readonly outcome: EventRecord['outcome'];
  readonly source: string;
  readonly realm: string;
  readonly actor: string;
  readonly user: string;
  readonly address: string;
  readonly port: number;
  readonly asset: string;
  readonly account: string;
  readonly session: string;
  readonly channel: string;
  readonly command: string;
  readonly offense: string;
  readonly message: string;
  readonly raw: string;
  readonly data: string;
}

const OPTIONAL_TEXTS = [
  'actor',
  'user',
  'address',
  'asset',
  'account',
  'session',
  'channel',
  'command',
  'offense',
  'message',
  'raw',
] as const satisfies readonly (keyof EventRow & keyof EventRecord)[];

export const EVENT_COLUMNS = [
  'position',
  'id',
  'time',
  'seen',
  'type',
  'code',
  'severity',
  'outcome',
  'source',
  'realm',
  'port',
  'data',
  ...OPTIONAL_TEXTS,
] as const satisfies readonly (keyof EventRow)[];

/** What a row says of itself, by column. */
export const INSERT_COLUMNS = ['batch', ...EVENT_COLUMNS] as const;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** ECMAScript time values end here. */
const LAST_TIME_MS = 8.64e15;
const LAST_SEEN_MS = LAST_SECOND * 1000;
const LAST_PORT = 65_535;
/** An id, a time and a moment of seeing that fit, as `makeEvent` has them in front. */
const FITS =
  /^\{"id":"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}","time":-?\d{1,15},"seen":[0-3]?\d{1,12},/i;
/** A key of that name with what is no port, whether it is that of the event or one in its data. */
const NO_PORT = /"port":(?!(?:\d{1,4}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])[,}])/;
/** How JSON writes what is not well-formed; as text it costs only time. */
const SURROGATE = '\\ud';

/** A row that is ready, but for the batch it goes into. */
export interface Row {
  readonly position: number;
  /** A JSON object whose keys are columns, without the brace that opens it. */
  readonly rest: string;
}

/**
 * The row of an event. It must never be refused: a row that the engine cannot read would stop every row behind it. So
 * what does not fit a column is made to fit: text that is not well-formed Unicode gets U+FFFD, times outside their range
 * the nearest one, an id that is no UUID a derived one. Nearly every event fits as it is; then the row is the text in
 * which it is stored already.
 */
export function encodeRow(entry: StreamEntry): Row {
  const { json, position } = entry;
  if (FITS.test(json) && !NO_PORT.test(json) && !json.includes(SURROGATE))
    return { position, rest: json.slice(1) };
  const { event } = entry;
  const row: Record<string, string | number> = {
    id: UUID.test(event.id) ? event.id : derivedId('archive', event.id),
    time: within(event.time, -LAST_TIME_MS, LAST_TIME_MS),
    seen: within(event.seen, 0, LAST_SEEN_MS),
    type: event.type.toWellFormed(),
    code: event.code.toWellFormed(),
    severity: event.severity.toWellFormed(),
    outcome: event.outcome.toWellFormed(),
    source: event.source.toWellFormed(),
    realm: event.realm.toWellFormed(),
    port: within(event.port ?? 0, 0, LAST_PORT),
    data: JSON.stringify(event.data),
  };
  for (const name of OPTIONAL_TEXTS) row[name] = (event[name] ?? '').toWellFormed();
  return { position, rest: JSON.stringify(row).slice(1) };
}

/** The row in the batch that begins at the position, with a line feed behind it. */
export function placeRow({ position, rest }: Row, batch: number): string {
  return `{"batch":${batch},"position":${position},${rest}\n`;
}

const PLACE = /^\{"batch":\d+,"position":(\d+),/;

/** The row that a line holds, without its line feed; undefined for a text that is none. */
export function splitRow(line: string): Row | undefined {
  const [place, position] = PLACE.exec(line) ?? [];
  return place === undefined ? undefined : { position: Number(position), rest: line.slice(place.length) };
}

function within(value: number, least: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, Math.trunc(value))) : least;
}

/** The event as it was published, but for what `encodeRow` had to alter. */
export function decodeRow(row: EventRow): EventRecord {
  const optional: Record<string, string | number> = {};
  for (const name of OPTIONAL_TEXTS) if (row[name] !== '') optional[name] = row[name];
  if (row.port !== 0) optional['port'] = row.port;
  return {
    id: row.id,
    time: row.time,
    seen: row.seen,
    type: row.type,
    code: row.code,
    severity: row.severity,
    outcome: row.outcome,
    source: row.source,
    realm: row.realm,
    ...optional,
    data: JSON.parse(row.data) as JsonObject,
  };
}
