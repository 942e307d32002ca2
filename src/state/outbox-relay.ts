import type { EventRecord } from '#contract/event.ts';
import type { Logger } from '#lib/log.ts';
import type { State } from './state.ts';

export interface EmittingState extends State {
  /** Called after each commit that added events to the outbox. Returns the way to stop it. */
  onEmitted(listener: () => void): () => void;
}

export interface OutboxRelayOptions {
  readonly state: EmittingState;
  /** Resolves when the events are durable; the same id twice must be stored once. */
  readonly publish: (events: readonly EventRecord[]) => Promise<void>;
  readonly logger: Logger;
}

const BATCH = 500;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
const MAX_DOUBLINGS = 10;
/** Finds what a process left behind that committed and died before it could say so. */
const IDLE_CHECK_MS = 5_000;

/**
 * Carries the events of committed transactions from the outbox to the stream, in order, at least once and
 * always with the same ids. A row is deleted only when the stream has the event.
 */
export class OutboxRelay implements AsyncDisposable {
  readonly #options: OutboxRelayOptions;
  readonly #unsubscribe: () => void;
  readonly #running: Promise<void>;
  #stopped = false;
  /** Something was committed since the last look. */
  #dirty = true;
  #endSleep: ((why: 'work' | 'stop') => void) | undefined;
  /** Who waits until everything that is in the outbox now has been carried over. */
  #waiters: PromiseWithResolvers<void>[] = [];

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
    this.#unsubscribe = options.state.onEmitted(() => this.#wake());
    this.#running = this.#run();
  }

  /** Resolves when what was committed before the call is in the stream. */
  settled(): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiters.push(waiter);
    this.#wake();
    return waiter.promise;
  }

  #wake(): void {
    this.#dirty = true;
    this.#endSleep?.('work');
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stopped) {
      this.#dirty = false;
      const waiters = this.#waiters;
      this.#waiters = [];
      try {
        while ((await this.#moveBatch()) && !this.#stopped);
        for (const waiter of waiters) waiter.resolve();
        failures = 0;
        if (!this.#dirty && !this.#stopped) await this.#sleep(IDLE_CHECK_MS, true);
      } catch (error) {
        this.#waiters.unshift(...waiters);
        if (this.#stopped) break;
        if (failures === 0)
          this.#options.logger.warn({ err: error }, 'events of state changes wait in the outbox; retrying');
        // A commit does not shorten this pause: the stream is ill, not idle.
        await this.#sleep(Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS), false);
        failures = Math.min(failures + 1, MAX_DOUBLINGS);
      }
    }
    for (const waiter of this.#waiters) waiter.reject(new Error('the outbox relay was stopped'));
  }

  /** True when there may be more. */
  async #moveBatch(): Promise<boolean> {
    const { state, publish } = this.#options;
    const rows = await state.reader
      .selectFrom('event_outbox')
      .select(['seq', 'event'])
      .orderBy('seq')
      .limit(BATCH)
      .execute();
    if (rows.length === 0) return false;
    await publish(rows.map((row) => JSON.parse(row.event) as EventRecord));
    // By number, not by range: in PostgreSQL a lower number may be committed later.
    const done = rows.map((row) => row.seq);
    await state.transact((tx) => tx.deleteFrom('event_outbox').where('seq', 'in', done).execute());
    return rows.length === BATCH;
  }

  async #sleep(ms: number, wakeable: boolean): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, ms);
    this.#endSleep = (why) => {
      if (wakeable || why === 'stop') over.resolve();
    };
    await over.promise;
    this.#endSleep = undefined;
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unsubscribe();
    this.#stopped = true;
    this.#endSleep?.('stop');
    await this.#running;
  }
}
