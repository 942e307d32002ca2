import { makeEvent, type EventRecord } from '#contract/event.ts';
import type { NewId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { Stream } from './stream.ts';

export interface WatchOptions {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly retryMs?: number;
}

/** What the stream did not take, so far. */
interface Outage {
  events: number;
  readonly fromMs: number;
  untilMs: number;
  readonly reason: string;
}

const RETRY_MS = 1_000;
const REASON_LENGTH = 500;

/**
 * A stream that owns up: when it could not take events, it says so in the stream itself as soon as it takes any
 * again (`audit.failed`, with how many and from when to when). What opens access was refused meanwhile; the rest
 * happened, and is in the log of the server only.
 */
export function watchStream(stream: Stream, options: WatchOptions): Stream {
  return new WatchedStream(stream, options);
}

class WatchedStream implements Stream {
  readonly #inner: Stream;
  readonly #options: WatchOptions;
  #outage: Outage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(inner: Stream, options: WatchOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async publish(events: readonly EventRecord[]): Promise<void> {
    try {
      await this.#inner.publish(events);
    } catch (error) {
      if (!this.#closed) this.#missed(events.length, error);
      throw error;
    }
  }

  read(...args: Parameters<Stream['read']>): ReturnType<Stream['read']> {
    return this.#inner.read(...args);
  }

  head(): Promise<number> {
    return this.#inner.head();
  }

  trim(upTo: number): Promise<void> {
    return this.#inner.trim(upTo);
  }

  #missed(events: number, error: unknown): void {
    const nowMs = this.#options.clock();
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, REASON_LENGTH);
    this.#outage ??= { events: 0, fromMs: nowMs, untilMs: nowMs, reason };
    this.#outage.events += events;
    this.#outage.untilMs = nowMs;
    this.#tellLater();
  }

  #tellLater(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#tell();
    }, this.#options.retryMs ?? RETRY_MS);
    this.#timer.unref();
  }

  async #tell(): Promise<void> {
    const outage = this.#outage;
    if (outage === undefined) return;
    const { clock, newId, logger } = this.#options;
    const { events, fromMs, untilMs, reason } = outage;
    const nowMs = clock();
    const seconds = Math.ceil((untilMs - fromMs) / 1000);
    try {
      await this.#inner.publish([
        makeEvent('audit.failed', newId(nowMs), nowMs, {
          message: `${events} events within ${seconds} seconds could not be written to the audit trail: ${reason}`,
          data: { events, from: fromMs, until: untilMs, reason },
        }),
      ]);
      // More may have been missed while that was written.
      const more = outage.events - events;
      this.#outage = more === 0 ? undefined : { ...outage, events: more, fromMs: untilMs };
    } catch (error) {
      logger.debug({ err: error }, 'the audit trail cannot be written yet');
    }
    if (this.#outage !== undefined) this.#tellLater();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#tell();
    this.#closed = true;
    clearTimeout(this.#timer);
  }
}
