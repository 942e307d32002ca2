import type { MessagePort } from 'node:worker_threads';
import { sendNotice, type Handlers } from '#lib/rpc.ts';
import { APPENDED_NOTICE, type JournalCalls } from './calls.ts';
import { JournalFile, sqliteCode } from './file.ts';
import { GroupCommit } from './group-commit.ts';
import type { PackedEvents } from './packed-events.ts';

const TRIM_ROWS = 2_000;
/** SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, and what is no SQLite error at all: the caller's fault. */
const CALLERS_FAULT = new Set([0, 18, 19, 20]);

/** The journal in the thread that owns it, for any number of clients. */
export class JournalServer implements Disposable {
  readonly #file: JournalFile;
  readonly #commits: GroupCommit;
  readonly #ports = new Set<MessagePort>();
  #closed = false;

  constructor(file: string) {
    this.#file = new JournalFile(file);
    this.#commits = new GroupCommit({
      append: (batches) => this.#file.append(batches),
      onSettled: () => this.#tellHead(),
      concernsAll: (error) => !CALLERS_FAULT.has(sqliteCode(error)),
    });
  }

  /** The calls for one client. */
  serve(port: MessagePort): JournalCalls & Handlers {
    this.#ports.add(port);
    port.on('close', () => this.#ports.delete(port));
    return {
      journalPublish: (events: PackedEvents) => this.#commits.publish(events),
      journalRead: (after: number, limit: number) => this.#file.read(after, limit),
      journalHead: () => this.#file.head(),
      journalTrim: (upTo: number) => this.#trim(upTo),
    };
  }

  /** Also after a failure: what a failed sync left in the log may be there when the file is opened again. */
  #tellHead(): void {
    if (this.#closed) return;
    let head: number;
    try {
      head = this.#file.head();
    } catch {
      // The file cannot be opened at the moment: the next commit tells it.
      return;
    }
    for (const port of this.#ports) sendNotice(port, APPENDED_NOTICE, head);
  }

  /** In small steps, so that publishers are served between them. */
  async #trim(upTo: number): Promise<void> {
    while (this.#file.trim(upTo, TRIM_ROWS) === TRIM_ROWS) {
      const next = Promise.withResolvers<void>();
      setImmediate(next.resolve);
      await next.promise;
    }
  }

  [Symbol.dispose](): void {
    this.#commits.flush();
    this.#closed = true;
    this.#file[Symbol.dispose]();
  }
}
