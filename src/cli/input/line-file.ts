import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { PortcullisError } from '#contract/errors.ts';
import { decodeText } from '#lib/decode-text.ts';

/** Lines of a file that may be larger than memory, and packed. */
export interface LineFile extends AsyncIterable<readonly string[]> {
  readonly sizeBytes: number;
  /** Last change, epoch milliseconds. */
  readonly writtenAtMs: number;
  /** Of the file as it is stored. */
  readonly readBytes: () => number;
  /** Lines that were longer than the limit; the head of each is kept. */
  readonly cutLines: () => number;
}

const GZIP = '1f8b';
const ZSTD = '28b52ffd';
const LF = 10;
const CR = 13;
const NUL = 0;

/**
 * Opens a file of lines that end with LF, CR LF or NUL; gzip and zstd are unpacked, told by how the file begins. Each
 * step gives the lines of one piece of it. Throws E_INPUT when it cannot be read.
 */
export async function openLineFile(path: string, maxLineBytes: number): Promise<LineFile> {
  const { sizeBytes, writtenAtMs, magic } = await lookAt(path);
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  let cut = 0;
  return {
    sizeBytes,
    writtenAtMs,
    readBytes: () => file.bytesRead,
    cutLines: () => cut,
    async *[Symbol.asyncIterator]() {
      const splitter = new LineSplitter(maxLineBytes, () => {
        cut += 1;
      });
      try {
        for await (const piece of unpacked(file, magic)) yield splitter.push(piece as Buffer);
      } catch (cause) {
        throw new PortcullisError('E_INPUT', `${path} cannot be read to its end.`, { cause });
      }
      yield splitter.end();
    },
  };
}

async function lookAt(
  path: string,
): Promise<{ readonly sizeBytes: number; readonly writtenAtMs: number; readonly magic: string }> {
  try {
    await using handle = await open(path);
    const { size, mtimeMs } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return {
      sizeBytes: size,
      writtenAtMs: Math.trunc(mtimeMs),
      magic: buffer.subarray(0, bytesRead).toString('hex'),
    };
  } catch (cause) {
    throw new PortcullisError('E_INPUT', `${path} cannot be read.`, { cause });
  }
}

function unpacked(file: Readable, magic: string): Readable {
  if (!magic.startsWith(GZIP) && magic !== ZSTD) return file;
  const unpacking = magic === ZSTD ? createZstdDecompress() : createGunzip();
  // What fails is told by the reader of the end.
  pipeline(file, unpacking, () => undefined);
  return unpacking;
}

/** Cuts bytes into lines, however they come in pieces. */
class LineSplitter {
  readonly #maxBytes: number;
  readonly #onCut: () => void;
  #rest: Buffer[] = [];
  #restBytes = 0;

  constructor(maxBytes: number, onCut: () => void) {
    this.#maxBytes = maxBytes;
    this.#onCut = onCut;
  }

  push(piece: Buffer): readonly string[] {
    const lines: string[] = [];
    let from = 0;
    for (let at = nextEnd(piece, 0); at >= 0; at = nextEnd(piece, from)) {
      this.#keep(piece.subarray(from, at));
      lines.push(this.#take());
      from = at + 1;
    }
    this.#keep(piece.subarray(from));
    return lines;
  }

  end(): readonly string[] {
    return this.#restBytes === 0 ? [] : [this.#take()];
  }

  #keep(bytes: Buffer): void {
    const kept = Math.max(0, Math.min(bytes.length, this.#maxBytes - this.#restBytes));
    if (kept > 0) this.#rest.push(Buffer.from(bytes.subarray(0, kept)));
    this.#restBytes += bytes.length;
  }

  #take(): string {
    if (this.#restBytes > this.#maxBytes) this.#onCut();
    const bytes = this.#rest.length === 1 ? (this.#rest[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#rest);
    this.#rest = [];
    this.#restBytes = 0;
    return decodeText(bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes);
  }
}

/** Where the line ends that begins here; -1 when not in this piece. */
function nextEnd(piece: Buffer, from: number): number {
  const lf = piece.indexOf(LF, from);
  const nul = piece.subarray(from, lf < 0 ? piece.length : lf).indexOf(NUL);
  return nul < 0 ? lf : from + nul;
}
