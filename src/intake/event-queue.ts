import { setTimeout as delay } from 'node:timers/promises';
import type { EventRecord } from '#contract/event.ts';
import type { Logger } from '#lib/log.ts';
import type { Stream } from '#stream/stream.ts';

export interface EventQueueOptions {
  readonly stream: Pick<Stream, 'publish'>;
  readonly logger: Logger;
  /** So many bytes were stored: there is more room in the queue than before, and less on the disk. */
  readonly onStored: (bytes: number) => void;
}

/** More would keep others waiting for the journal, the detector first of all: a commit of so many takes 3 to 5 ms. */
const BATCH_EVENTS = 500;
const RETRY_MS = 1000;

interface Queued {
  readonly event: EventRecord;
  readonly bytes: number;
  /** Of a sender that can be made to wait. */
  readonly canWait: boolean;
}

/**
 * Events on their way to the stream, in batches. A batch that the stream refuses is tried again
 * until it is taken: ids stay the same, so it is stored once.
 */
export class EventQueue implements AsyncDisposable {
  readonly #options: EventQueueOptions;
  readonly #stopping = new AbortController();
  #waiting: Queued[] = [];
  #bytes = 0;
  #waitersBytes = 0;
  #problem: string | null = null;
  #running: Promise<void> | null = null;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  /** What waits, and what is being stored. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Of that, what came from senders that can be made to wait. */
  get waitersBytes(): number {
    return this.#waitersBytes;
  }

  /** Why the stream does not take events; null when it does. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Never refuses: who adds looks at `bytes` before. */
  add(events: readonly EventRecord[], bytes: number, canWait: boolean): void {
    events.forEach((event, index) => {
      this.#waiting.push({ event, bytes: index === 0 ? bytes : 0, canWait });
    });
    if (events.length === 0) return;
    this.#bytes += bytes;
    if (canWait) this.#waitersBytes += bytes;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // What arrives in the same turn goes into the same batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, BATCH_EVENTS);
      if (!(await this.#publish(batch.map(({ event }) => event)))) break;
      this.#waiting = this.#waiting.slice(batch.length);
      let stored = 0;
      for (const { bytes, canWait } of batch) {
        stored += bytes;
        if (canWait) this.#waitersBytes -= bytes;
      }
      this.#bytes -= stored;
      this.#options.onStored(stored);
    }
    this.#running = null;
  }

  /** False when it was stopped before the stream took them. */
  async #publish(events: readonly EventRecord[]): Promise<boolean> {
    for (;;) {
      try {
        await this.#options.stream.publish(events);
        this.#problem = null;
        return true;
      } catch (error) {
        if (this.#problem === null)
          this.#options.logger.error({ err: error }, 'the stream takes no foreign events; they wait');
        this.#problem = error instanceof Error ? error.message : String(error);
      }
      if (this.#stopping.signal.aborted) return false;
      await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return false;
    }
  }

  /** Everything that was added is stored, unless the stream refuses it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    while (this.#running !== null) {
      await this.#running;
      if (this.#problem !== null) break;
    }
    if (this.#waiting.length > 0)
      this.#options.logger.error({ events: this.#waiting.length }, 'foreign events could not be stored');
  }
}
