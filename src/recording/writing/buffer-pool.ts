/** A few sizes, so that what comes back fits what is needed next. */
const SIZES = [16_384, 65_536, 131_072, 262_144, 524_288, 1_048_576];
const KEPT_BYTES = 16_777_216;

/**
 * Buffers that travel between threads and come back. New memory for each message would cost as many page
 * faults as the copy itself costs time.
 */
export class BufferPool {
  readonly #free = new Map<number, ArrayBuffer[]>();
  #keptBytes = 0;

  /** A buffer that begins with the pieces, one after the other. */
  filled(pieces: readonly Uint8Array[]): ArrayBuffer {
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    const buffer = this.#take(bytes);
    const view = new Uint8Array(buffer);
    let at = 0;
    for (const piece of pieces) {
      view.set(piece, at);
      at += piece.length;
    }
    return buffer;
  }

  put(buffers: readonly ArrayBuffer[]): void {
    for (const buffer of buffers) {
      const free = this.#free.get(buffer.byteLength);
      if (free === undefined || this.#keptBytes + buffer.byteLength > KEPT_BYTES) continue;
      free.push(buffer);
      this.#keptBytes += buffer.byteLength;
    }
  }

  #take(bytes: number): ArrayBuffer {
    // A keystroke is cheaper in a buffer of its own.
    const size = bytes <= 4096 ? bytes : (SIZES.find((size) => size >= bytes) ?? bytes);
    if (size > 4096 && !this.#free.has(size) && SIZES.includes(size)) this.#free.set(size, []);
    const free = this.#free.get(size)?.pop();
    if (free !== undefined) {
      this.#keptBytes -= size;
      return free;
    }
    // Not from the pool of Node, which others share.
    return Buffer.allocUnsafeSlow(size).buffer;
  }
}
