import type { ClickHouseClient } from '@clickhouse/client';
import { EVENTS } from './schema.ts';

/** Where the archiver goes on after a restart. */
export interface ResumePoint {
  /** Everything up to here is stored. */
  readonly after: number;
  /** The highest position stored; 0 when there is none. */
  readonly last: number;
  /** What else is stored: at most the last two batches. */
  readonly stored: ReadonlySet<number>;
}

const LAST_BATCH = `SELECT batch, position FROM ${EVENTS} ORDER BY position DESC LIMIT 1`;
const POSITIONS = `SELECT position FROM ${EVENTS} WHERE position >= {from:UInt64} AND position <= {to:UInt64}`;

/**
 * Reads it from the archive itself, so there is no second record that could disagree. Batches are written one
 * after the other, and a batch carries its first position in every row: when any row of batch B is stored,
 * everything before B is. B itself may be stored in part (the engine commits day by day), so what there is of
 * it is listed and left out.
 */
export async function findResumePoint(client: ClickHouseClient): Promise<ResumePoint> {
  const result = await client.query({ query: LAST_BATCH, format: 'JSONEachRow' });
  const [last] = await result.json<{ batch: number; position: number }>();
  if (last === undefined) return { after: 0, last: 0, stored: new Set() };
  const stored = await storedPositions(client, last.batch, last.position);
  return { after: last.batch - 1, last: last.position, stored };
}

export async function storedPositions(
  client: ClickHouseClient,
  from: number,
  to: number,
): Promise<ReadonlySet<number>> {
  const query_params = { from, to };
  const result = await client.query({ query: POSITIONS, query_params, format: 'JSONCompactEachRow' });
  const rows = await result.json<[number]>();
  return new Set(rows.map(([position]) => position));
}
