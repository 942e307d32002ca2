import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { MessagePort } from 'node:worker_threads';
import { sendNotice, type Handlers } from '#lib/rpc.ts';
import type { SqlValue } from '../bind-values.ts';
import { StateError } from '../errors.ts';
import { EMITTED_NOTICE, type SqlResult, type StateCalls } from './calls.ts';
import { StatementCache } from './statement-cache.ts';
import { WriteQueue, type Owner } from './write-queue.ts';

/** How long a statement waits for a foreign process (a backup, a shell) that holds the file. */
const BUSY_TIMEOUT_MS = 1_000;
const WRITES_OUTBOX = /^insert into "event_outbox"/i;

/** Creates the file for its owner alone; SQLite gives its companions (-wal, -shm) the same mode. */
function createPrivate(file: string): void {
  closeSync(openSync(file, constants.O_CREAT | constants.O_RDWR, 0o600));
}

/**
 * The state database in the thread that owns it: one connection that writes, one that reads, and the queue
 * of transactions over all clients. Everything here is synchronous; clients are on other threads.
 */
export class StateDatabase implements Disposable {
  readonly #writer: DatabaseSync;
  readonly #reader: DatabaseSync;
  readonly #writes: StatementCache;
  readonly #reads: StatementCache;
  readonly #queue: WriteQueue;
  readonly #ports = new Set<MessagePort>();
  /** The current transaction added to the outbox. */
  #emitted = false;
  /** A statement of the current transaction failed: as in PostgreSQL, nothing of it can be committed. */
  #aborted = false;

  constructor(file: string) {
    createPrivate(file);
    this.#writer = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    this.#writer.exec('pragma journal_mode = wal');
    this.#writer.exec('pragma synchronous = full');
    this.#writer.exec('pragma secure_delete = on');
    this.#writer.exec('pragma trusted_schema = off');
    this.#writer.enableDefensive(true);
    this.#reader = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
    // LIKE as PostgreSQL has it.
    for (const connection of [this.#writer, this.#reader]) connection.exec('pragma case_sensitive_like = on');
    this.#writes = new StatementCache(this.#writer);
    this.#reads = new StatementCache(this.#reader);
    this.#queue = new WriteQueue(
      () => this.#begin(),
      () => this.#rollback(),
    );
  }

  /** The calls for one client. Its transactions are rolled back when its port closes. */
  serve(port: MessagePort): StateCalls & Handlers {
    const owner: Owner = Symbol('client');
    this.#ports.add(port);
    port.on('close', () => {
      this.#ports.delete(port);
      this.#queue.dropOwner(owner);
    });
    return {
      stateRead: (sql: string, values: readonly SqlValue[]) => this.#reads.run(sql, values),
      stateBegin: (timeoutMs: number) => this.#queue.acquire(owner, timeoutMs),
      stateQuery: (transaction: number, sql: string, values: readonly SqlValue[]) => {
        this.#queue.assertHeld(transaction, owner);
        return this.#query(sql, values);
      },
      stateCommit: (transaction: number) => {
        this.#queue.assertHeld(transaction, owner);
        this.#commit();
      },
      stateRollback: (transaction: number) => {
        if (!this.#queue.holds(transaction, owner)) return;
        this.#rollback();
        this.#queue.release();
      },
    };
  }

  #begin(): void {
    this.#writer.exec('begin immediate');
    this.#emitted = false;
    this.#aborted = false;
  }

  #query(sql: string, values: readonly SqlValue[]): SqlResult {
    if (this.#aborted) throw abortedError();
    try {
      const result = this.#writes.run(sql, values);
      if (WRITES_OUTBOX.test(sql)) this.#emitted = true;
      return result;
    } catch (error) {
      this.#aborted = true;
      throw error;
    }
  }

  #commit(): void {
    const emitted = this.#emitted;
    try {
      if (this.#aborted) throw abortedError();
      this.#writer.exec('commit');
    } catch (error) {
      this.#rollback();
      throw error;
    } finally {
      this.#queue.release();
    }
    if (!emitted) return;
    for (const port of this.#ports) sendNotice(port, EMITTED_NOTICE, null);
  }

  #rollback(): void {
    // SQLite has rolled back by itself after some errors (full disk, failed write).
    if (this.#writer.isTransaction) this.#writer.exec('rollback');
  }

  [Symbol.dispose](): void {
    this.#queue.close();
    this.#rollback();
    this.#reader.close();
    this.#writer.close();
  }
}

function abortedError(): StateError {
  return new StateError(
    'ended',
    'An earlier statement of this transaction failed, so nothing of it can be stored. Let the error end the transaction.',
  );
}
