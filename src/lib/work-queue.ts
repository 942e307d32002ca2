/** Thrown instead of waiting when the queue is full. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

/** Runs at most `concurrency` pieces of work at once; up to `maxWaiting` wait their turn, in order. */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(options: { readonly concurrency: number; readonly maxWaiting: number }) {
    this.#concurrency = options.concurrency;
    this.#maxWaiting = options.maxWaiting;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#concurrency) {
      if (this.#waiting.length >= this.#maxWaiting) throw new QueueFullError('too much work is waiting');
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(() => turn.resolve());
      await turn.promise;
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      // The place is handed to the next in line without ever being free, so nobody can slip in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
