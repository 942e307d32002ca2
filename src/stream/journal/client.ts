import { isPortcullisError, PortcullisError } from '#contract/errors.ts';
import type { EventRecord } from '#contract/event.ts';
import type { RpcClient } from '#lib/rpc.ts';
import { HeadWatch } from '../head-watch.ts';
import type { Stream, StreamEntry } from '../stream.ts';
import { APPENDED_NOTICE, type JournalCalls } from './calls.ts';

const SQLITE_FULL = 13;

/** The stream behind a port of the thread that owns the journal. Closing the port is the caller's. */
export class JournalStream implements Stream {
  readonly #client: RpcClient<JournalCalls>;
  readonly #head = new HeadWatch();

  constructor(client: RpcClient<JournalCalls>) {
    this.#client = client;
    client.onNotice(APPENDED_NOTICE, (head) => this.#head.advance(Number(head)));
    client.onClose((reason) => this.#head.close(toStreamError(reason)));
  }

  async publish(events: readonly EventRecord[]): Promise<void> {
    if (events.length === 0) return;
    const fields: (string | number)[] = [];
    for (const event of events) fields.push(event.id, event.time, event.type, JSON.stringify(event));
    await this.#client.call.journalPublish(fields).catch(rethrow);
  }

  async read(after: number, limit: number, signal: AbortSignal): Promise<readonly StreamEntry[]> {
    while (!signal.aborted) {
      const page = await this.#client.call.journalRead(after, limit).catch(rethrow);
      if (page.positions.length > 0) {
        return page.events.map((text, index) => ({
          position: page.positions[index] ?? 0,
          event: JSON.parse(text) as EventRecord,
        }));
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
  }

  [Symbol.asyncDispose](): Promise<void> {
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
