import { isPortcullisError, PortcullisError } from '#contract/errors.ts';
import type { EventRecord } from '#contract/event.ts';
import type { RpcClient } from '#lib/rpc.ts';
import { HeadWatch } from '../head-watch.ts';
import { StoredEntry } from '../stored-entry.ts';
import type { Stream, StreamEntry } from '../stream.ts';
import { APPENDED_NOTICE, type JournalCalls } from './calls.ts';
import { packEvents } from './packed-events.ts';
import type { RecentEntries } from './recent-entries.ts';

const SQLITE_FULL = 13;
/** Entries that are read from the file at a time: whoever publishes meanwhile waits. */
const MOST_PER_READ = 1_000;

/** The stream behind a port of the thread that owns the journal. Closing the port is the caller's. */
export class JournalStream implements Stream {
  readonly #client: RpcClient<JournalCalls>;
  readonly #head = new HeadWatch();
  readonly #recent: RecentEntries | undefined;

  /** @param recent where to keep what is published here, when it is read in the same thread */
  constructor(client: RpcClient<JournalCalls>, recent?: RecentEntries) {
    this.#client = client;
    this.#recent = recent;
    client.onNotice(APPENDED_NOTICE, (head) => this.#head.advance(Number(head)));
    client.onClose((reason) => this.#head.close(toStreamError(reason)));
  }

  async publish(events: readonly EventRecord[]): Promise<void> {
    if (events.length === 0) return;
    const packed = packEvents(events);
    const first = await this.#client.call.journalPublish(packed).catch(rethrow);
    if (first > 0) this.#recent?.add(first, events, packed);
  }

  async read(after: number, limit: number, signal: AbortSignal): Promise<readonly StreamEntry[]> {
    while (!signal.aborted) {
      const recent = this.#recent?.after(after, limit) ?? [];
      if (recent.length > 0) return recent;
      // Who has read all that was announced waits for more: asked now, the journal would give what is soon at hand.
      if (this.#recent !== undefined && this.#head.isKnownUpTo(after)) {
        await this.#head.beyond(after, signal);
        continue;
      }
      // What is not at hand, up to what is.
      const missing = (this.#recent?.nextAfter(after) ?? Number.POSITIVE_INFINITY) - after - 1;
      const most = Math.min(limit, MOST_PER_READ, missing);
      const page = await this.#client.call.journalRead(after, most).catch(rethrow);
      if (page.positions.length > 0) {
        return page.events.map((json, index) => new StoredEntry(page.positions[index] ?? 0, json));
      }
      // Nothing up to the head of that moment: what lay there has been trimmed.
      await this.#head.beyond(Math.max(after, page.head), signal);
    }
    return [];
  }

  async head(): Promise<number> {
    return this.#client.call.journalHead().catch(rethrow);
  }

  async trim(upTo: number): Promise<void> {
    await this.#client.call.journalTrim(upTo).catch(rethrow);
    this.#recent?.forget(upTo);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#recent?.[Symbol.dispose]();
    this.#head.close(new PortcullisError('E_STREAM', 'The event stream is closed: the server is stopping.'));
    return Promise.resolve();
  }
}

function rethrow(error: unknown): never {
  throw toStreamError(error);
}

function toStreamError(error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (isPortcullisError(error)) return new PortcullisError(error.code, message, { cause: error });
  if (error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_FULL) {
    return new PortcullisError(
      'E_DISK_FULL',
      'The event stream cannot grow: the disk under dataDir is full. Free space; it goes on by itself.',
      { cause: error },
    );
  }
  return new PortcullisError('E_STREAM', `The event stream did not accept the call: ${message}.`, {
    cause: error,
  });
}
