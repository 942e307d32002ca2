const CR = 0x0d;
const LF = 0x0a;
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_O = 0x0f;
const CTRL_Z = 0x1a;
const CTRL_BACKSLASH = 0x1c;

export const KEY = { lineFeed: LF, interrupt: CTRL_C, endOfInput: CTRL_D, runAndNext: CTRL_O } as const;

/** Keys that send the line: return, line feed, and readline's operate-and-get-next. */
export function isLineEnd(byte: number): boolean {
  return byte === CR || byte === LF || byte === CTRL_O;
}

/** Keys behind which the line is another one. */
function isStop(byte: number): boolean {
  return isLineEnd(byte) || byte === CTRL_C || byte === CTRL_Z || byte === CTRL_BACKSLASH || byte === CTRL_D;
}

export interface Keys {
  /** Bytes up to the next key that ends the line. */
  readonly keys: Buffer;
  /** That key; undefined when more is to come. */
  readonly stop: number | undefined;
}

/** Input that has not been forwarded. */
export class InputQueue {
  #chunks: Buffer[] = [];

  get isEmpty(): boolean {
    return this.#chunks.length === 0;
  }

  get byteLength(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** Whole lines wait. */
  get hasLineEnd(): boolean {
    return this.#chunks.some((chunk) => chunk.some(isLineEnd));
  }

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
  }

  /** Throws everything away. Returns false when it was nothing, or the second half of a CR LF. */
  discard(): boolean {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [];
    return bytes.length > 1 || (bytes.length === 1 && bytes[0] !== LF);
  }

  take(): Keys | undefined {
    const head = this.#chunks.shift();
    if (head === undefined) return undefined;
    const at = head.findIndex(isStop);
    if (at < 0) return { keys: head, stop: undefined };
    if (at + 1 < head.length) this.#chunks.unshift(head.subarray(at + 1));
    return { keys: head.subarray(0, at), stop: head[at] };
  }
}
