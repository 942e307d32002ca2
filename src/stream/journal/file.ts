import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { FIELDS_PER_EVENT, type JournalFields, type JournalPage } from './calls.ts';

/** A page ends after this much text, however many entries were asked for. */
const PAGE_CHARACTERS = 8 * 1024 * 1024;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;

interface Opened {
  readonly database: DatabaseSync;
  readonly insert: StatementSync;
  readonly page: StatementSync;
  readonly head: StatementSync;
  readonly trim: StatementSync;
}

/** The primary result code of an SQLite error, 0 for anything else. */
export function sqliteCode(error: unknown): number {
  return error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
}

/**
 * The journal on disk: an append-only table, synced at every commit. Everything is synchronous and belongs
 * on the thread of the storage worker.
 */
export class JournalFile implements Disposable {
  readonly #file: string;
  #opened: Opened | undefined;

  constructor(file: string) {
    this.#file = file;
    // The owner alone may read; SQLite gives the companions (-wal, -shm) the same mode.
    closeSync(openSync(file, constants.O_CREAT | constants.O_RDWR, 0o600));
    this.#opened = open(file);
  }

  /** Stores all of the batches in one synced commit, or none. Events whose id is stored already are skipped. */
  append(batches: readonly JournalFields[]): void {
    const { database, insert } = this.#open();
    try {
      database.exec('begin immediate');
      for (const fields of batches) {
        for (let index = 0; index < fields.length; index += FIELDS_PER_EVENT) {
          insert.run(
            fields[index] ?? null,
            fields[index + 1] ?? null,
            fields[index + 2] ?? null,
            fields[index + 3] ?? null,
          );
        }
      }
      database.exec('commit');
    } catch (error) {
      this.#afterFailure(database, error);
      throw error;
    }
  }

  read(after: number, limit: number): JournalPage {
    const { page } = this.#open();
    const positions: number[] = [];
    const events: string[] = [];
    let characters = 0;
    for (const row of page.iterate(after, limit)) {
      const event = String(row['event']);
      positions.push(Number(row['seq']));
      events.push(event);
      characters += event.length;
      if (characters >= PAGE_CHARACTERS) break;
    }
    return { positions, events, head: this.head() };
  }

  head(): number {
    return Number(this.#open().head.get()?.['seq'] ?? 0);
  }

  /** Deletes at most `limit` of the oldest entries up to the position; returns how many. */
  trim(upTo: number, limit: number): number {
    const { database, trim } = this.#open();
    try {
      const { changes } = trim.run(upTo, limit);
      // Gives the space back to the file system, not only to the file.
      database.exec('pragma incremental_vacuum');
      return Number(changes);
    } catch (error) {
      this.#afterFailure(database, error);
      throw error;
    }
  }

  #open(): Opened {
    this.#opened ??= open(this.#file);
    return this.#opened;
  }

  /**
   * After a failed write or sync nobody knows what of it is on the disk, and the kernel may have forgotten
   * that it failed. Opening again reads the log back and keeps what its checksums prove.
   */
  #afterFailure(database: DatabaseSync, error: unknown): void {
    const code = sqliteCode(error);
    if (code === SQLITE_IOERR || code === SQLITE_CORRUPT) {
      this.#opened = undefined;
      database.close();
    } else if (database.isTransaction) database.exec('rollback');
  }

  [Symbol.dispose](): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }
}

function open(file: string): Opened {
  const database = new DatabaseSync(file, { timeout: 1_000 });
  try {
    database.exec('pragma auto_vacuum = incremental');
    database.exec('pragma journal_mode = wal');
    database.exec('pragma synchronous = full');
    database.exec('pragma journal_size_limit = 67108864');
    database.exec(
      `create table if not exists journal (
        seq integer primary key autoincrement,
        id text not null unique,
        time integer not null,
        type text not null,
        event text not null
      ) strict`,
    );
    return {
      database,
      // Not `on conflict do nothing`: that uses up a position, and the head would be one that nobody can read.
      insert: database.prepare(
        `insert into journal (id, time, type, event)
         select ?1, ?2, ?3, ?4 where not exists (select 1 from journal where id = ?1)`,
      ),
      page: database.prepare('select seq, event from journal where seq > ? order by seq limit ?'),
      head: database.prepare(`select seq from sqlite_sequence where name = 'journal'`),
      trim: database.prepare(
        'delete from journal where seq in (select seq from journal where seq <= ? order by seq limit ?)',
      ),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
