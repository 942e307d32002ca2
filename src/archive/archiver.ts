import type { ClickHouseClient } from '@clickhouse/client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#lib/log.ts';
import type { Stream } from '#stream/stream.ts';
import { describeError } from './archive-error.ts';
import { BatchWriter } from './batch-writer.ts';
import { collectBatch } from './batch.ts';
import { type ArchiveConnection, connectArchive } from './connection.ts';
import { migrateArchive } from './migrate.ts';
import { findResumePoint, type ResumePoint } from './resume.ts';

export interface ArchiverOptions {
  readonly stream: Stream;
  readonly connection: ArchiveConnection;
  /** Events expire this long after they reached us. */
  readonly retentionMs: number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Called after each batch: everything up to this position is stored, and may be trimmed from the stream. */
  readonly onPosition?: (position: number) => void;
  /** How far apart batches that are not full begin at least. */
  readonly batchEveryMs?: number;
}

export interface ArchiverStatus {
  /** Everything up to here is stored and searchable. */
  readonly position: number;
  /** Why nothing is stored at the moment; undefined while all is well. */
  readonly trouble: string | undefined;
}

/** Carries events from the stream to the archive. Disposing lets the batch under way finish. */
export interface Archiver extends AsyncDisposable {
  status(): ArchiverStatus;
}

/**
 * A first event is written at once, the next batch begins this much later or when it is full. Each insert costs
 * the engine some 20 ms of processor time, merging included, so this bounds what a trickle of events costs.
 */
const BATCH_EVERY_MS = 400;
const LOOK_AGAIN_MS = 10_000;
const LAST_BATCH_MS = 5_000;
const BACK_OFF_MS = 500;

/** Starts the archiver. It goes on by itself: an archive that is away is waited for. */
export function startArchiver(options: ArchiverOptions): Archiver {
  return new StreamArchiver(options);
}

class StreamArchiver implements Archiver {
  readonly #options: ArchiverOptions;
  readonly #client: ClickHouseClient;
  readonly #writer: BatchWriter;
  /** Ends reading; what was read is still written. */
  readonly #stopReading = new AbortController();
  /** Ends everything. */
  readonly #giveUp = new AbortController();
  readonly #running: Promise<void>;
  #position = 0;
  #trouble: string | undefined = 'starting';

  constructor(options: ArchiverOptions) {
    this.#options = options;
    this.#client = connectArchive(options.connection);
    this.#writer = new BatchWriter({
      client: this.#client,
      logger: options.logger,
      signal: this.#giveUp.signal,
      onTrouble: (reason) => {
        this.#trouble = reason;
      },
    });
    this.#running = this.#run(AbortSignal.any([options.signal, this.#stopReading.signal]));
  }

  status(): ArchiverStatus {
    return { position: this.#position, trouble: this.#trouble };
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await migrateArchive(this.#client, this.#options.retentionMs);
        const resume = await findResumePoint(this.#client);
        await this.#checkStream(resume.last);
        this.#trouble = undefined;
        this.#moveTo(resume.after);
        await this.#carry(resume, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#trouble = describeError(error);
        this.#options.logger.error(
          { reason: this.#trouble },
          'archiver stopped; it goes on from what is stored',
        );
        await delay(BACK_OFF_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #carry(resume: ResumePoint, signal: AbortSignal): Promise<void> {
    let readTo = resume.after;
    let writing: Promise<void> = Promise.resolve();
    let notBefore = performance.now();
    // Also after a failure: no other batch may be made while one is under way.
    await using _writing = { [Symbol.asyncDispose]: () => writing };
    while (!signal.aborted) {
      const flush = new AbortController();
      const spacing = delay(Math.max(0, notBefore - performance.now()), undefined, { signal }).catch(
        () => {},
      );
      const flushNow = (): void => flush.abort();
      void Promise.all([writing, spacing]).then(flushNow, flushNow);
      const lookAgain = AbortSignal.timeout(LOOK_AGAIN_MS);
      const { batch, position } = await collectBatch({
        stream: this.#options.stream,
        after: readTo,
        stored: resume.stored,
        flush: flush.signal,
        signal: AbortSignal.any([signal, lookAgain]),
      });
      await writing;
      if (batch === undefined) {
        if (position > readTo) this.#moveTo(position);
        else if (lookAgain.aborted) await this.#checkStream(readTo);
      } else {
        notBefore = performance.now() + (this.#options.batchEveryMs ?? BATCH_EVERY_MS);
        writing = this.#writer.write(batch).then((stored) => {
          if (stored) this.#moveTo(position);
        });
      }
      readTo = position;
    }
  }

  #moveTo(position: number): void {
    this.#position = position;
    this.#options.onPosition?.(position);
  }

  /** A stream that begins anew counts from 1 again: its events would be taken for stored ones and left out. */
  async #checkStream(last: number): Promise<void> {
    const head = await this.#options.stream.head();
    if (head > 0 && head < last)
      throw new Error(
        `the archive holds events up to position ${last}, but the stream ends at ${head}: it is another stream; give the archive an empty folder or database`,
      );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopReading.abort();
    const timer = setTimeout(() => this.#giveUp.abort(), LAST_BATCH_MS);
    await this.#running;
    clearTimeout(timer);
    await this.#client.close();
  }
}
