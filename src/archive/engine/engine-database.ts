import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { drainPending, type RawInsertFormat } from 'chdb';
import { QueueFullError, WorkQueue } from '#lib/work-queue.ts';
import { EngineError } from './engine-error.ts';
import { EngineSessions } from './engine-sessions.ts';
import { assignmentStatement, type InsertStatement, onlyReads } from './statement.ts';

export interface EngineResult {
  readonly body: Uint8Array;
  readonly readRows: number;
  readonly readBytes: number;
  readonly writtenRows: number;
  readonly elapsedMs: number;
}

const READERS = 4;
const MOST_WAITING = 64;
const KILL_AGAIN_MS = 100;

/**
 * Runs statements: writes one after the other, reads beside them and beside each other. A read whose signal
 * aborts is killed in the engine, not merely forgotten.
 */
export class EngineDatabase implements AsyncDisposable {
  readonly #sessions: EngineSessions;
  readonly #writes = new WorkQueue({ concurrency: 1, maxWaiting: MOST_WAITING });
  readonly #reads = new WorkQueue({ concurrency: READERS, maxWaiting: MOST_WAITING });

  constructor(path: string, connectionArgs: readonly string[]) {
    this.#sessions = new EngineSessions(path, connectionArgs);
  }

  async version(): Promise<string> {
    const { body } = await this.#execute('SELECT version() FORMAT TSVRaw', new Map());
    return Buffer.from(body).toString().trim();
  }

  /** Runs any statement that carries its rows, if any, in itself. */
  run(sql: string, assignments: ReadonlyMap<string, string>, signal: AbortSignal): Promise<EngineResult> {
    return onlyReads(sql)
      ? queued(this.#reads, () => this.#killable(sql, assignments, signal))
      : queued(this.#writes, () => this.#execute(sql, assignments));
  }

  /** Inserts rows that came apart from the statement. Not stopped half-way: it is short, and all or nothing. */
  insert(
    { table, columns, format }: InsertStatement,
    settings: ReadonlyMap<string, string>,
    rows: Uint8Array,
  ): Promise<EngineResult> {
    return queued(this.#writes, () =>
      this.#sessions.use([], async (session) => {
        const summary = await session.insert({
          table,
          values: rows,
          // The engine checks the name against its list.
          format: format as RawInsertFormat,
          settings: Object.fromEntries(settings),
          ...(columns === undefined ? {} : { columns }),
        });
        return {
          body: new Uint8Array(),
          readRows: summary.rowsSent ?? summary.rowsWritten,
          readBytes: summary.bytesSent,
          writtenRows: summary.rowsWritten,
          elapsedMs: summary.elapsed * 1000,
        };
      }),
    );
  }

  #execute(sql: string, assignments: ReadonlyMap<string, string>): Promise<EngineResult> {
    return this.#sessions.use(assignments.keys(), async (session) => {
      const result = await session.queryAsync(assignmentStatement(assignments) + sql, {
        format: 'TabSeparated',
      });
      return {
        body: result.bytes(),
        readRows: result.rowsRead,
        readBytes: result.bytesRead,
        writtenRows: 0,
        elapsedMs: result.elapsed * 1000,
      };
    });
  }

  async #killable(
    sql: string,
    assignments: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<EngineResult> {
    signal.throwIfAborted();
    // The engine gives no handle on a running statement; a comment that nobody can guess names it.
    const tag = `/* qid:${randomBytes(12).toString('hex')} */`;
    const done = new AbortController();
    const onAbort = (): void => void this.#killUntil(tag, done.signal);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#execute(`${tag} ${sql}`, assignments);
    } finally {
      done.abort();
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** A kill finds nothing while the statement is still being parsed, so it is repeated until the end. */
  async #killUntil(tag: string, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await this.#execute(`KILL QUERY WHERE startsWith(query, '${tag}') ASYNC`, new Map()).catch(() => {});
      await delay(KILL_AGAIN_MS, undefined, { signal: ended }).catch(() => {});
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sessions[Symbol.dispose]();
    await drainPending();
  }
}

async function queued<T>(queue: WorkQueue, work: () => Promise<T>): Promise<T> {
  try {
    return await queue.run(work);
  } catch (error) {
    if (error instanceof QueueFullError)
      throw new EngineError(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', 'Too many statements are waiting.');
    throw error;
  }
}
