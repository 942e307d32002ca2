import type { ClickHouseClient } from '@clickhouse/client';
import type { EventType } from '#contract/event-catalogue.ts';
import type { PlacedEvent } from '#stream/stream.ts';
import type { HistoryRequest } from './archive.ts';
import { decodeRow, EVENT_COLUMNS, type EventRow } from './event-row.ts';
import { EVENTS } from './schema.ts';

/** Positions per statement: bounds memory, and lets the position index leave out the rest of the archive. */
const WINDOW = 5_000;

const NEXT_POSITION = `
  SELECT position FROM ${EVENTS} WHERE position > {after:UInt64} AND position <= {upTo:UInt64}
  ORDER BY position LIMIT 1`;

/** Reads the archive in the order of the stream, window by window; pages may be empty of matches and are left out. */
export async function* readHistory(
  client: ClickHouseClient,
  request: HistoryRequest,
  signal?: AbortSignal,
): AsyncGenerator<readonly PlacedEvent[]> {
  const types: readonly EventType[] = request.types ?? [];
  const upTo = request.upToPosition ?? Number.MAX_SAFE_INTEGER;
  const byType = types.length === 0 ? '' : 'AND type IN {types:Array(String)}';
  const page = `
    SELECT ${EVENT_COLUMNS.join(', ')} FROM ${EVENTS}
    WHERE position >= {from:UInt64} AND position <= {to:UInt64} ${byType} ORDER BY position`;
  const select = async <T>(query: string, query_params: Record<string, unknown>): Promise<readonly T[]> => {
    const result = await client.query({
      query,
      query_params,
      format: 'JSONEachRow',
      ...(signal === undefined ? {} : { abort_signal: signal }),
    });
    return result.json<T>();
  };

  let after = request.afterPosition;
  for (;;) {
    signal?.throwIfAborted();
    const [next] = await select<{ position: number }>(NEXT_POSITION, { after, upTo });
    if (next === undefined) return;
    const to = Math.min(upTo, next.position + WINDOW - 1);
    const rows = await select<EventRow>(page, { from: next.position, to, types });
    if (rows.length > 0) yield rows.map((row) => ({ position: row.position, event: decodeRow(row) }));
    after = to;
  }
}
