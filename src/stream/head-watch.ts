/** Knows the last position that was announced and lets readers wait until it grows, without polling. */
export class HeadWatch {
  #head = 0;
  #closed: Error | undefined;
  readonly #waiters = new Set<{ readonly after: number; readonly done: PromiseWithResolvers<void> }>();

  advance(head: number): void {
    if (head > this.#head) this.#head = head;
    for (const waiter of this.#waiters) {
      if (this.#head > waiter.after) waiter.done.resolve();
    }
  }

  /** Something was announced, and nothing beyond the position. */
  isKnownUpTo(position: number): boolean {
    return this.#head > 0 && position >= this.#head;
  }

  /** Resolves when the head is beyond the position, or the signal aborts; rejects when the watch is closed. */
  async beyond(after: number, signal: AbortSignal): Promise<void> {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#head > after || signal.aborted) return;
    const waiter = { after, done: Promise.withResolvers<void>() };
    const onAbort = (): void => waiter.done.resolve();
    this.#waiters.add(waiter);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await waiter.done.promise;
    } finally {
      this.#waiters.delete(waiter);
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(reason: Error): void {
    this.#closed ??= reason;
    for (const waiter of this.#waiters) waiter.done.reject(reason);
  }
}
