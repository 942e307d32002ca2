import { makeEvent } from '#contract/event.ts';
import type { NewId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { Stream } from '#stream/stream.ts';

export interface TickerOptions {
  readonly stream: Stream;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  readonly intervalMs?: number;
}

const INTERVAL_MS = 10_000;

/** Writes the passing of time into the stream, so that nothing that reads the stream reads a clock. */
export class Ticker implements AsyncDisposable {
  readonly #options: TickerOptions;
  readonly #timer: NodeJS.Timeout;
  #publishing: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(options: TickerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.intervalMs ?? INTERVAL_MS);
    this.#timer.unref();
  }

  #tick(): void {
    if (this.#busy) return;
    this.#busy = true;
    const { stream, clock, newId, logger } = this.#options;
    const now = clock();
    this.#publishing = stream
      .publish([makeEvent('tick', newId(now), now, {})])
      .catch((error: unknown) => logger.warn({ err: error }, 'a tick could not be written to the stream'))
      .finally(() => {
        this.#busy = false;
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#publishing;
  }
}
