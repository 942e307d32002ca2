import type { Frame } from './frame.ts';
import { readCount } from './octet-count.ts';

/** `auto` tells by each frame; the others are for senders that are known (RFC 6587 section 3.4). */
export type Framing = 'auto' | 'lf' | 'nul' | 'counted';

const NUL = 0;
const LF = 10;
const CR = 13;
const SPACE = 32;
const LESS = 60;
const FIRST_ROOM = 1024;
const MAX_DIGITS = 8;
const NOTHING = Buffer.alloc(0);

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/**
 * Cuts the bytes of one connection into frames. What comes out depends on the bytes alone, never on how they were
 * split. A frame holds at most `maxBytes`: of a longer one the head is kept, its size is told, the rest passed over,
 * and the next one begins where it ends. Memory is bounded by `maxBytes` as well.
 *
 * `onFrame` gets bytes that are its own only until it returns.
 */
export class Framer {
  readonly #framing: Framing;
  readonly #maxBytes: number;
  readonly #onFrame: (frame: Frame) => void;
  #state: 'start' | 'text' | 'counted' | 'lost' = 'start';
  /** LF is content from now on: the sender ends with NUL. */
  #endsWithNul: boolean;
  /** What ended the frame before. */
  #before: 'nothing' | 'lf' | 'nul' | 'count' = 'nothing';
  /** Bytes at the start of a frame that do not tell yet what they begin. */
  #undecided: Buffer = NOTHING;
  #head: Buffer = NOTHING;
  #headBytes = 0;
  /** Bytes of the frame so far, kept or not. */
  #seenBytes = 0;
  #count = 0;
  /** What looks like the beginning of a count while the step is lost. */
  #clue = '';

  constructor(framing: Framing, maxBytes: number, onFrame: (frame: Frame) => void) {
    this.#framing = framing;
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
    this.#endsWithNul = framing === 'nul';
  }

  /** Memory that an unfinished frame takes. */
  get heldBytes(): number {
    return this.#head.length + this.#undecided.length;
  }

  push(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#undecided.length > 0) {
      bytes = Buffer.concat([this.#undecided, chunk]);
      this.#undecided = NOTHING;
    }
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'start') at = this.#start(bytes, at);
      else if (this.#state === 'text') at = this.#text(bytes, at);
      else if (this.#state === 'counted') at = this.#counted(bytes, at);
      else {
        const end = this.#lost(bytes, at);
        if (typeof end === 'number') at = end;
        else {
          bytes = Buffer.concat([Buffer.from(end.count), bytes.subarray(end.at)]);
          at = 0;
        }
      }
    }
  }

  /** The connection has ended: what is there of the last frame is a frame, and says when it is known to be cut. */
  end(): void {
    this.#keep(this.#undecided, 0, this.#undecided.length);
    this.#undecided = NOTHING;
    const size = this.#state === 'counted' ? this.#count : this.#seenBytes;
    this.#emit(this.#head.subarray(0, this.#headBytes), size);
    this.#state = 'start';
  }

  #start(bytes: Buffer, from: number): number {
    let at = from;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === NUL) {
        // A line end and then a NUL: the NUL is what ends messages, so line ends within are theirs.
        if (this.#before === 'lf' && this.#framing === 'auto') this.#endsWithNul = true;
      } else if (byte !== LF && byte !== CR) break;
      if (this.#before === 'count') this.#before = 'nothing';
    }
    if (at === bytes.length) return at;
    if (this.#framing === 'lf' || this.#framing === 'nul') {
      this.#state = 'text';
      return at;
    }
    const reading = readCount(bytes, at);
    if (reading === 'incomplete') {
      this.#undecided = Buffer.from(bytes.subarray(at));
      return bytes.length;
    }
    if (reading === 'text') {
      const isOutOfStep = this.#framing === 'counted' || (this.#before === 'count' && bytes[at] !== LESS);
      this.#state = isOutOfStep ? 'lost' : 'text';
      return at;
    }
    this.#state = 'counted';
    this.#count = reading.count;
    return reading.bodyAt;
  }

  #text(bytes: Buffer, at: number): number {
    const end = this.#endOfText(bytes, at);
    if (end < 0) {
      this.#keep(bytes, at, bytes.length);
      return bytes.length;
    }
    this.#endedBy(bytes[end]);
    this.#finish(bytes, at, end);
    return end + 1;
  }

  #endOfText(bytes: Buffer, at: number): number {
    if (this.#endsWithNul) return bytes.indexOf(NUL, at);
    const line = bytes.indexOf(LF, at);
    if (this.#framing === 'lf') return line;
    // Only up to the line end, so that many lines in one piece cost one pass.
    const nul = bytes.subarray(at, line < 0 ? bytes.length : line).indexOf(NUL);
    return nul < 0 ? line : at + nul;
  }

  #endedBy(byte: number | undefined): void {
    this.#before = byte === NUL ? 'nul' : 'lf';
    if (byte === NUL && this.#framing === 'auto') this.#endsWithNul = true;
  }

  #counted(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#count - this.#seenBytes);
    if (this.#seenBytes + end - at < this.#count) {
      this.#keep(bytes, at, end);
      return end;
    }
    this.#before = 'count';
    this.#finish(bytes, at, end);
    return end;
  }

  /**
   * A count did not lead to the next frame, so it was wrong. What follows is a frame of its own up to a line end, a
   * NUL, or what can only be the next count; nothing is joined to a neighbour.
   */
  #lost(bytes: Buffer, from: number): number | { readonly count: string; readonly at: number } {
    for (let at = from; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === LF || byte === NUL) {
        this.#clue = '';
        this.#before = byte === NUL ? 'nul' : 'lf';
        this.#finish(bytes, from, at);
        return at + 1;
      }
      if (isDigit(byte) && this.#clue.endsWith('<')) {
        const count = this.#clue + String.fromCharCode(byte);
        this.#clue = '';
        this.#keep(bytes, from, at);
        this.#seenBytes -= count.length - 1;
        this.#before = 'nothing';
        this.#emit(this.#head.subarray(0, Math.min(this.#headBytes, this.#seenBytes)), this.#seenBytes);
        this.#state = 'start';
        return { count, at: at + 1 };
      }
      this.#clue = nextClue(this.#clue, byte);
    }
    this.#keep(bytes, from, bytes.length);
    return bytes.length;
  }

  /** The frame ends here. One that lies in the piece whole is not copied. */
  #finish(bytes: Buffer, from: number, to: number): void {
    this.#state = 'start';
    if (this.#seenBytes === 0) {
      const size = to - from;
      this.#emit(bytes.subarray(from, from + Math.min(size, this.#maxBytes)), size);
      return;
    }
    this.#keep(bytes, from, to);
    this.#emit(this.#head.subarray(0, this.#headBytes), this.#seenBytes);
  }

  #keep(bytes: Buffer, from: number, to: number): void {
    this.#seenBytes += to - from;
    const length = Math.min(to - from, this.#maxBytes - this.#headBytes);
    if (length <= 0) return;
    const needed = this.#headBytes + length;
    if (needed > this.#head.length) {
      const room = Math.min(this.#maxBytes, Math.max(FIRST_ROOM, needed, this.#head.length * 2));
      const grown = Buffer.allocUnsafe(room);
      this.#head.copy(grown, 0, 0, this.#headBytes);
      this.#head = grown;
    }
    bytes.copy(this.#head, this.#headBytes, from, from + length);
    this.#headBytes = needed;
  }

  #emit(bytes: Buffer, size: number): void {
    const end = size > bytes.length ? bytes.length : trimmedEnd(bytes);
    this.#headBytes = 0;
    this.#seenBytes = 0;
    if (this.#head.length > FIRST_ROOM) this.#head = NOTHING;
    if (end > 0)
      this.#onFrame({ bytes: bytes.subarray(0, end), untruncatedSize: size > bytes.length ? size : null });
  }
}

/** Without the line ends and NULs behind it. */
export function trimmedEnd(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0) {
    const byte = bytes[end - 1];
    if (byte !== NUL && byte !== LF && byte !== CR) break;
    end -= 1;
  }
  return end;
}

/** Digits, a space, `<`: as far as the bytes agree with that. */
function nextClue(clue: string, byte: number): string {
  const hasSpace = clue.includes(' ');
  if (isDigit(byte)) {
    const digits = (hasSpace ? '' : clue) + String.fromCharCode(byte);
    return digits.replace(/^0+/, '').slice(-MAX_DIGITS);
  }
  if (byte === SPACE) return clue !== '' && !hasSpace ? `${clue} ` : '';
  return byte === LESS && clue.endsWith(' ') ? `${clue}<` : '';
}
