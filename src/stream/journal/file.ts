import { closeSync, constants, openSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { JournalPage } from './calls.ts';
import type { PackedEvents } from './packed-events.ts';

/** A page ends after this much text, however many entries were asked for. */
const PAGE_CHARACTERS = 8 * 1024 * 1024;
/** Rows in one statement: a third of the time goes into crossing to SQLite for each. */
const ROWS_PER_INSERT = 50;
const PAGE_BYTES = 16 * 1024;
const CHECKPOINT_BYTES = 2 * 1024 * 1024;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;

interface Opened {
  readonly database: DatabaseSync;
  readonly insertOne: StatementSync;
  readonly insertMany: StatementSync;
  readonly resetHead: StatementSync;
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

  /**
   * Stores all of the batches in one synced commit, or none. Events whose id is stored already are skipped.
   * @returns for each batch the position of its first event, which the others follow one by one; 0 when one was skipped
   */
  append(batches: readonly PackedEvents[]): readonly number[] {
    const opened = this.#open();
    const { database } = opened;
    try {
      database.exec('begin immediate');
      const headBefore = this.head();
      const first = batches.map((events) => insertAll(opened, events));
      // A skipped event has used up a position: the head would be one that nobody can read.
      if (first.includes(0)) opened.resetHead.run(headBefore);
      database.exec('commit');
      return first;
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

function insertSql(rows: number): string {
  const values = Array.from({ length: rows }, () => '(?, cast(? as text))').join(', ');
  return `insert into journal (id, event) values ${values} on conflict (id) do nothing`;
}

/** Returns the position of the first event; 0 when one was there already, or there are none. */
function insertAll({ insertOne, insertMany }: Opened, events: PackedEvents): number {
  const count = events.ids.length;
  let stored = 0;
  let last = 0;
  for (let from = 0; from < count;) {
    const isMany = from + ROWS_PER_INSERT <= count;
    const to = isMany ? from + ROWS_PER_INSERT : from + 1;
    const { changes, lastInsertRowid } = (isMany ? insertMany : insertOne).run(...rowsOf(events, from, to));
    stored += Number(changes);
    last = Number(lastInsertRowid);
    from = to;
  }
  return stored === count && count > 0 ? last - count + 1 : 0;
}

function rowsOf({ ids, texts, ends }: PackedEvents, from: number, to: number): SQLInputValue[] {
  const values: SQLInputValue[] = [];
  let start = ends[from - 1] ?? 0;
  for (let index = from; index < to; index += 1) {
    const end = ends[index] ?? start;
    values.push(ids[index] ?? null, texts.subarray(start, end));
    start = end;
  }
  return values;
}

function open(file: string): Opened {
  const database = new DatabaseSync(file, { timeout: 1_000 });
  try {
    // Of a new journal. Events are 1 to 2 KB: ten of them fill a page to the brim, where of 4 KiB a quarter stays empty.
    database.exec(`pragma page_size = ${PAGE_BYTES}`);
    database.exec('pragma auto_vacuum = incremental');
    database.exec('pragma journal_mode = wal');
    database.exec('pragma synchronous = full');
    database.exec('pragma journal_size_limit = 67108864');
    // Ids that are digests alone touch pages all over their index: those stay in memory (KiB).
    database.exec('pragma cache_size = -32768');
    // Most ids grow, so few pages are written again and again, and copying little at a time costs no more than copying
    // much; but whoever publishes meanwhile waits for all of it: 5 to 10 ms instead of 20 to 40.
    const pageBytes = Number(database.prepare('pragma page_size').get()?.['page_size'] ?? PAGE_BYTES);
    database.exec(`pragma wal_autocheckpoint = ${Math.ceil(CHECKPOINT_BYTES / pageBytes)}`);
    database.exec(
      `create table if not exists journal (
        seq integer primary key autoincrement,
        id text not null unique,
        event text not null
      ) strict`,
    );
    dropUnread(database);
    return {
      database,
      insertOne: database.prepare(insertSql(1)),
      insertMany: database.prepare(insertSql(ROWS_PER_INSERT)),
      resetHead: database.prepare(
        `update sqlite_sequence set seq = max(?, coalesce((select max(seq) from journal), 0)) where name = 'journal'`,
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

/** Journals used to keep these beside the event, which tells them as well; nobody read them. */
function dropUnread(database: DatabaseSync): void {
  const columns = new Set(
    database
      .prepare('pragma table_info(journal)')
      .all()
      .map(({ name }) => name),
  );
  const unread = ['time', 'type'].filter((name) => columns.has(name));
  if (unread.length === 0) return;
  const drops = unread.map((name) => `alter table journal drop column ${name};`);
  database.exec(`begin immediate; ${drops.join(' ')} commit`);
}
