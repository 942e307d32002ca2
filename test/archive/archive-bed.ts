import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Archive, ArchiveHistory } from '#archive/archive.ts';
import { type Archiver, type ArchiverOptions, startArchiver } from '#archive/archiver.ts';
import { connectArchive } from '#archive/connection.ts';
import {
  type EmbeddedEngine,
  type EngineRestart,
  startEmbeddedEngine,
} from '#archive/engine/embedded-engine.ts';
import { openArchive } from '#archive/open-archive.ts';
import { createLogger } from '#lib/log.ts';
import { ArrayStream } from './array-stream.ts';

export const silent = createLogger('silent');
export const YEAR_MS = 365 * 86_400_000;

/** A folder of its own, removed at the end. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'portcullis-archive-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface BedOptions {
  readonly memoryBytes?: number;
  readonly searchTimeoutMs?: number;
  readonly stream?: ArrayStream;
}

/** A real engine, a stream, and what carries events between them. */
export class ArchiveBed implements AsyncDisposable {
  readonly engine: EmbeddedEngine;
  readonly archive: Archive & ArchiveHistory;
  readonly stream: ArrayStream;
  readonly dataDir: string;
  readonly restarts: EngineRestart[];
  readonly #resources: AsyncDisposableStack;
  #restarted: () => void = () => {};
  #archiver: Archiver | undefined;
  #position = 0;
  #moved = Promise.withResolvers<void>();

  private constructor(
    parts: Pick<ArchiveBed, 'engine' | 'archive' | 'stream' | 'dataDir' | 'restarts'>,
    resources: AsyncDisposableStack,
  ) {
    this.engine = parts.engine;
    this.archive = parts.archive;
    this.stream = parts.stream;
    this.dataDir = parts.dataDir;
    this.restarts = parts.restarts;
    this.#resources = resources;
  }

  static async create(options: BedOptions = {}): Promise<ArchiveBed> {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(await temporaryFolder());
    const restarts: EngineRestart[] = [];
    let bed: ArchiveBed | undefined;
    const engine = resources.use(
      await startEmbeddedEngine({
        dataDir: folder.path,
        memoryBytes: options.memoryBytes ?? 700 * 2 ** 20,
        keepFreeBytes: 0,
        logger: silent,
        onRestart: (restart) => {
          restarts.push(restart);
          if (bed !== undefined) bed.#restarted();
        },
      }),
    );
    const archive = resources.use(
      await openArchive({
        connection: engine,
        retentionMs: 10 * YEAR_MS,
        logger: silent,
        ...(options.searchTimeoutMs === undefined ? {} : { searchTimeoutMs: options.searchTimeoutMs }),
      }),
    );
    const stream = options.stream ?? new ArrayStream();
    bed = new ArchiveBed({ engine, archive, stream, dataDir: folder.path, restarts }, resources.move());
    return bed;
  }

  /** Starts an archiver; the one before, if any, must have been stopped. */
  archiver(pace: Pick<ArchiverOptions, 'batchEveryMs'> = { batchEveryMs: 20 }): Archiver {
    this.#archiver = startArchiver({
      stream: this.stream,
      connection: this.engine,
      retentionMs: 10 * YEAR_MS,
      logger: silent,
      signal: new AbortController().signal,
      ...pace,
      onPosition: (position) => {
        this.#position = position;
        this.#moved.resolve();
        this.#moved = Promise.withResolvers();
      },
    });
    return this.#archiver;
  }

  async stopArchiver(): Promise<void> {
    await this.#archiver?.[Symbol.asyncDispose]();
    this.#position = 0;
    this.#archiver = undefined;
  }

  /** Waits until everything published so far is searchable, starting an archiver if none runs. */
  async settle(): Promise<void> {
    if (this.#archiver === undefined) this.archiver();
    const head = await this.stream.head();
    while (this.#position < head) await this.#moved.promise;
  }

  /** Resolves when the archiver has stored another batch. */
  get moved(): Promise<void> {
    return this.#moved.promise;
  }

  /** Ends the engine's process the hard way, after a while; resolves when its successor answers. */
  async killEngine(afterMs = 0, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const restarted = Promise.withResolvers<void>();
    this.#restarted = restarted.resolve;
    await delay(afterMs);
    process.kill(this.engine.status().pid ?? Number.NaN, signal);
    await restarted.promise;
  }

  /** One value per row, straight from the engine. */
  async values<T>(query: string): Promise<readonly T[]> {
    const client = connectArchive(this.engine);
    try {
      const result = await client.query({
        query,
        format: 'JSONCompactEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
      });
      return (await result.json<[T]>()).map(([value]) => value);
    } finally {
      await client.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopArchiver();
    await this.#resources.disposeAsync();
  }
}
