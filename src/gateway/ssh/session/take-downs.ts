/**
 * What is left to do when somebody was cut. Many may be cut at once, and all are told in one go; only then their
 * remains are taken down, one by one: ending a connection to an asset wakes up processes there, and closing
 * recordings and rows keeps disk and threads busy, so the last of two hundred would hear of it long after the
 * first.
 */
export class TakeDowns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. */
  turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    if (this.#waiting.length === 1) this.#next();
    return promise;
  }

  #next(): void {
    setImmediate(() => {
      this.#waiting.shift()?.();
      if (this.#waiting.length > 0) this.#next();
    });
  }
}
