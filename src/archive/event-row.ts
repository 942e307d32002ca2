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

/** The columns of an encoded row, in its order. */
export const INSERT_COLUMNS = ['batch', ...EVENT_COLUMNS] as const;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** ECMAScript time values end here. */
const LAST_TIME_MS = 8.64e15;
const LAST_SEEN_MS = LAST_SECOND * 1000;

/**
 * One JSON array for one event, in the order of `INSERT_COLUMNS`, ending in a line feed. It must never be
 * refused: a row that the engine cannot read would stop every row behind it. So what does not fit a column is
 * made to fit: text that is not well-formed Unicode gets U+FFFD, times outside their range the nearest one, an id
 * that is no UUID a derived one.
 */
export function encodeRow({ position, event }: StreamEntry, batch: number): string {
  const row: (string | number)[] = [
    batch,
    position,
    UUID.test(event.id) ? event.id : derivedId('archive', event.id),
    within(event.time, -LAST_TIME_MS, LAST_TIME_MS),
    within(event.seen, 0, LAST_SEEN_MS),
    event.type.toWellFormed(),
    event.code.toWellFormed(),
    event.severity.toWellFormed(),
    event.outcome.toWellFormed(),
    event.source.toWellFormed(),
    event.realm.toWellFormed(),
    within(event.port ?? 0, 0, 65_535),
    JSON.stringify(event.data),
  ];
  for (const name of OPTIONAL_TEXTS) row.push((event[name] ?? '').toWellFormed());
  return `${JSON.stringify(row)}\n`;
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
