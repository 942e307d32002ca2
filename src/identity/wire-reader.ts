/**
 * Reads the SSH wire types of RFC 4251 section 5 from hostile bytes. Every read gives undefined when the bytes do
 * not hold it; after that the reader stays failed.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** True when everything was read and nothing was wrong. */
  get isDone(): boolean {
    return !this.#failed && this.#offset === this.#bytes.length;
  }

  uint32(): number | undefined {
    const taken = this.raw(4);
    return taken === undefined
      ? undefined
      : new DataView(taken.buffer, taken.byteOffset, 4).getUint32(0, false);
  }

  byte(): number | undefined {
    return this.raw(1)?.[0];
  }

  bytes(maxLength: number): Uint8Array | undefined {
    const length = this.uint32();
    if (length === undefined || length > maxLength) return this.#fail();
    return this.raw(length);
  }

  /** A name: printable US-ASCII. */
  ascii(maxLength: number): string | undefined {
    const taken = this.bytes(maxLength);
    if (taken === undefined || taken.some((byte) => byte < 0x20 || byte > 0x7e)) return this.#fail();
    return Buffer.from(taken.buffer, taken.byteOffset, taken.length).toString('latin1');
  }

  /** A positive `mpint` in its one shortest form, as big-endian bytes without the sign byte. */
  positiveInteger(maxLength: number): Uint8Array | undefined {
    const taken = this.bytes(maxLength + 1);
    const [first, second] = taken ?? [];
    if (taken === undefined || first === undefined || first >= 0x80) return this.#fail();
    if (first !== 0) return taken.length > maxLength ? this.#fail() : taken;
    return second === undefined || second < 0x80 ? this.#fail() : taken.subarray(1);
  }

  raw(length: number): Uint8Array | undefined {
    if (this.#failed || length > this.#bytes.length - this.#offset) return this.#fail();
    const taken = this.#bytes.subarray(this.#offset, this.#offset + length);
    this.#offset += length;
    return taken;
  }

  #fail(): undefined {
    this.#failed = true;
    return undefined;
  }
}
