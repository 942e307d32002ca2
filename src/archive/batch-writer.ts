import { ClickHouseError, type ClickHouseClient } from '@clickhouse/client';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { EventRecord } from '#contract/event.ts';
import type { Logger } from '#lib/log.ts';
import { StoredEntry } from '#stream/stored-entry.ts';
import { describeError } from './archive-error.ts';
import { type Batch, toBatch } from './batch.ts';
import { encodeRow, INSERT_COLUMNS, type Row, splitRow } from './event-row.ts';
import { storedPositions } from './resume.ts';
import { EVENTS } from './schema.ts';

interface BatchWriterOptions {
  readonly client: ClickHouseClient;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Told when the archive takes nothing (with why), and when it does again (undefined). */
  readonly onTrouble: (reason: string | undefined) => void;
}

const FIRST_BACK_OFF_MS = 50;
const LONGEST_BACK_OFF_MS = 5_000;

const INSERT = `INSERT INTO ${EVENTS} (${INSERT_COLUMNS.join(', ')}) FORMAT JSONEachRow`;

/**
 * Errors that a row itself causes, in ClickHouse's `ErrorCodes`: what cannot be parsed or does not fit its
 * column. Everything else (memory, disk, overload) passes by itself.
 */
const ROW_REFUSED = new Set([
  '6',
  '25',
  '26',
  '27',
  '32',
  '33',
  '38',
  '41',
  '53',
  '69',
  '72',
  '117',
  '130',
  '307',
  '376',
]);

/**
 * Writes batches, each until it is stored: an archive that is away is waited for, never left out. A row that
 * is refused for what it holds is searched for by halving and stored as a stub that says so, because one row
 * must not hold up all that come after it. Returns false when the signal aborted before it was stored.
 */
export class BatchWriter {
  readonly #options: BatchWriterOptions;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
  }

  async write(batch: Batch): Promise<boolean> {
    const { signal, logger, onTrouble } = this.#options;
    for (let backOffMs = FIRST_BACK_OFF_MS; ; backOffMs = Math.min(2 * backOffMs, LONGEST_BACK_OFF_MS)) {
      if (signal.aborted) return false;
      try {
        await this.#insert(batch);
        if (backOffMs > FIRST_BACK_OFF_MS) onTrouble(undefined);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        if (error instanceof ClickHouseError && ROW_REFUSED.has(error.code))
          return this.#isolate(batch, error);
        const reason = describeError(error);
        logger.warn({ reason, rows: batch.rows, backOffMs }, 'archive does not take events; trying again');
        onTrouble(reason);
        await delay(backOffMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #insert(batch: Batch): Promise<void> {
    const result = await this.#options.client.exec({
      query: INSERT,
      values: Readable.from(batch.body, { objectMode: false }),
      abort_signal: this.#options.signal,
      clickhouse_settings: {
        // The same rows under the same name are stored once, however often they are sent.
        insert_deduplication_token: `${batch.firstPosition}-${batch.lastPosition}-${batch.rows}`,
        insert_deduplicate: 1,
        async_insert: 0,
        // `data` is an object in what is sent, and text in the archive.
        input_format_json_read_objects_as_strings: 1,
        // As the engine has it; a server may have been set otherwise.
        input_format_skip_unknown_fields: 1,
        // A batch that spans many days is no mistake: the archive may have been away for long.
        max_partitions_per_insert_block: '0',
      },
    });
    for await (const _ of result.stream as AsyncIterable<unknown>);
  }

  /** Part of the batch may be stored, under a name its halves will not have: what is stored is left out first. */
  async #isolate(batch: Batch, error: ClickHouseError): Promise<boolean> {
    const stored = await this.#stored(batch);
    if (stored === undefined) return false;
    const missing = rowsOf(batch).filter(({ position }) => !stored.has(position));
    const [only] = missing;
    if (only === undefined) return true;
    if (missing.length === 1) return this.#storeStub(only, error);
    const middle = Math.ceil(missing.length / 2);
    for (const half of [toBatch(missing.slice(0, middle)), toBatch(missing.slice(middle))])
      if (half !== undefined && !(await this.write(half))) return false;
    return true;
  }

  async #stored(batch: Batch): Promise<ReadonlySet<number> | undefined> {
    const { client, signal } = this.#options;
    for (
      let backOffMs = FIRST_BACK_OFF_MS;
      !signal.aborted;
      backOffMs = Math.min(2 * backOffMs, LONGEST_BACK_OFF_MS)
    ) {
      try {
        return await storedPositions(client, batch.firstPosition, batch.lastPosition);
      } catch {
        await delay(backOffMs, undefined, { signal }).catch(() => {});
      }
    }
    return undefined;
  }

  #storeStub({ position, rest }: Row, error: ClickHouseError): Promise<boolean> {
    const { id, time, seen, type, code, severity, outcome, source, realm } = JSON.parse(
      `{${rest}`,
    ) as EventRecord;
    const reason = describeError(error);
    this.#options.logger.error(
      { eventId: id, reason },
      'an event cannot be archived as it is; a stub is kept',
    );
    const message = `This event could not be archived as it is: ${reason}`;
    const event = { id, time, seen, type, code, severity, outcome, source, realm, message, data: {} };
    const stub = toBatch([encodeRow(new StoredEntry(position, JSON.stringify(event)))]);
    return stub === undefined ? Promise.resolve(true) : this.write(stub);
  }
}

/** What a batch was made of, from its text: only asked for when a row of it was refused. */
function rowsOf({ body }: Batch): readonly Row[] {
  const lines = Buffer.concat(body).toString().split('\n');
  return lines.map(splitRow).filter((row) => row !== undefined);
}
