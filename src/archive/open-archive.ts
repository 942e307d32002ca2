import type { ClickHouseClient } from '@clickhouse/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventRecord } from '#contract/event.ts';
import type { Logger } from '#lib/log.ts';
import type { StreamEntry } from '#stream/stream.ts';
import type { Archive, ArchiveHistory, ArchiveQuery, ArchiveStatus, HistoryRequest } from './archive.ts';
import { describeError, isNoAnswer, toArchiveError } from './archive-error.ts';
import { type ArchiveConnection, connectArchive } from './connection.ts';
import { decodeRow, type EventRow } from './event-row.ts';
import { readHistory } from './history.ts';
import { migrateArchive } from './migrate.ts';
import { EVENTS } from './schema.ts';
import { searchStatement, type Statement } from './search-statement.ts';

export interface OpenArchiveOptions {
  readonly connection: ArchiveConnection;
  /** Events expire this long after they reached us. */
  readonly retentionMs: number;
  readonly logger: Logger;
  /** A search that takes longer is stopped in the engine. */
  readonly searchTimeoutMs?: number;
}

const SEARCH_TIMEOUT_MS = 10_000;
/** The embedded engine is back within a third of a second after a crash: worth waiting for. */
const ANSWER_WITHIN_MS = 3_000;
const ASK_AGAIN_MS = 100;
const MOST_RESULT_BYTES = 64 * 2 ** 20;

const LAST_POSITION = `SELECT position FROM ${EVENTS} ORDER BY position DESC LIMIT 1`;

/**
 * Opens the archive for searching. Resolves also when it does not answer yet: then it says so at each search,
 * and works from the moment it does.
 */
export async function openArchive(options: OpenArchiveOptions): Promise<Archive & ArchiveHistory> {
  const archive = new ClickHouseArchive(options);
  try {
    await archive.prepare();
  } catch (error) {
    options.logger.error({ reason: describeError(error) }, 'archive does not answer yet');
  }
  return archive;
}

class ClickHouseArchive implements Archive, ArchiveHistory {
  readonly #client: ClickHouseClient;
  readonly #retentionMs: number;
  readonly #timeoutMs: number;
  #prepared: Promise<void> | undefined;

  constructor(options: OpenArchiveOptions) {
    this.#client = connectArchive(options.connection);
    this.#retentionMs = options.retentionMs;
    this.#timeoutMs = options.searchTimeoutMs ?? SEARCH_TIMEOUT_MS;
  }

  /** Brings the schema up to date, once; after a failure the next caller tries again. */
  async prepare(): Promise<void> {
    this.#prepared ??= migrateArchive(this.#client, this.#retentionMs);
    try {
      await this.#prepared;
    } catch (error) {
      this.#prepared = undefined;
      throw error;
    }
  }

  async search(query: ArchiveQuery, signal?: AbortSignal): Promise<readonly EventRecord[]> {
    const rows = await this.#select<EventRow>(searchStatement(query), signal);
    return rows.map(decodeRow);
  }

  async status(): Promise<ArchiveStatus> {
    try {
      await this.prepare();
      const result = await this.#client.query({ query: LAST_POSITION, format: 'JSONEachRow' });
      const [last] = await result.json<{ position: number }>();
      return { ready: true, detail: 'ready', position: last?.position ?? 0 };
    } catch (error) {
      return { ready: false, detail: toArchiveError(error, this.#timeoutMs).message, position: 0 };
    }
  }

  async *readHistory(request: HistoryRequest, signal?: AbortSignal): AsyncGenerator<readonly StreamEntry[]> {
    try {
      await this.prepare();
      yield* readHistory(this.#client, request, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw toArchiveError(error, this.#timeoutMs);
    }
  }

  async #select<T>(statement: Statement, signal: AbortSignal | undefined): Promise<readonly T[]> {
    const giveUpAt = performance.now() + ANSWER_WITHIN_MS;
    for (;;) {
      signal?.throwIfAborted();
      try {
        await this.prepare();
        signal?.throwIfAborted();
        const result = await this.#client.query({
          query: statement.sql,
          query_params: statement.params,
          format: 'JSONEachRow',
          ...(signal === undefined ? {} : { abort_signal: signal }),
          clickhouse_settings: {
            max_execution_time: this.#timeoutMs / 1000,
            timeout_overflow_mode: 'throw',
            max_result_bytes: String(MOST_RESULT_BYTES),
            result_overflow_mode: 'throw',
            output_format_json_quote_64bit_integers: 0,
          },
        });
        const rows = await result.json<T>();
        // The client does not notice an abort at every point of its way.
        signal?.throwIfAborted();
        return rows;
      } catch (error) {
        signal?.throwIfAborted();
        if (!isNoAnswer(error) || performance.now() > giveUpAt) throw toArchiveError(error, this.#timeoutMs);
        await delay(ASK_AGAIN_MS, undefined, signal === undefined ? {} : { signal }).catch(() => {});
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close();
  }
}
