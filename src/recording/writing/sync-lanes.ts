/**
 * Bounds how many syncs run at once. Each one holds a thread of the pool that writes need as well: with all
 * of them waiting for the disk, no keystroke of any session would be accepted.
 */
export class SyncLanes {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(lanes: number) {
    this.#free = lanes;
  }

  async run(sync: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await sync();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
