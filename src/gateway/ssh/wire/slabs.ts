/**
 * Buffers that are used again. Bulk data in fresh buffers makes the collector mark the whole heap every 25 MB
 * (measured: a third of the processor time of a transfer, and pauses that every other session feels).
 */
export class SlabPool {
  readonly size: number;
  readonly #maxFree: number;
  readonly #free: Buffer[] = [];

  constructor(size: number, maxFree: number) {
    this.size = size;
    this.#maxFree = maxFree;
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  /** Only for a slab that nobody reads any more. A slab that is never given back is left to the collector. */
  give(slab: Buffer): void {
    if (this.#free.length < this.#maxFree) this.#free.push(slab);
  }
}
