/** Makes characters of bytes that come in pieces. What is no text becomes U+FFFD. */
export class Utf8Reader {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The beginning of a character whose end has not come. */
  #rest = new Uint8Array();

  /** The last piece ended within a character. */
  get isWithin(): boolean {
    return this.#rest.length > 0;
  }

  reset(): void {
    this.#rest = new Uint8Array();
  }

  read(piece: Uint8Array): string {
    const bytes = this.isWithin ? Buffer.concat([this.#rest, piece]) : piece;
    const whole = bytes.length - lengthOfIncomplete(bytes);
    this.#rest = Uint8Array.from(bytes.subarray(whole));
    return this.#decoder.decode(bytes.subarray(0, whole));
  }
}

function lengthOfIncomplete(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return back < lengthOf(byte) ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}

/** By the first byte (RFC 3629, section 3). */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
