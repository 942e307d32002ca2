import type { Stream } from '#stream/stream.ts';
import { encodeRow, placeRow, type Row } from './event-row.ts';

/** Rows that are written together, in the order of the stream. Never empty. */
export interface Batch {
  /** The rows as `placeRow` writes them, UTF-8, one behind the other. */
  readonly body: readonly Buffer[];
  readonly rows: number;
  readonly firstPosition: number;
  readonly lastPosition: number;
}

interface CollectOptions {
  readonly stream: Stream;
  readonly after: number;
  /** Positions that the archive has already. */
  readonly stored: ReadonlySet<number>;
  /** Aborts when what there is should be written; until then more is waited for. */
  readonly flush: AbortSignal;
  readonly signal: AbortSignal;
}

export interface Collected {
  /** Undefined when nothing came, or all of it was stored. */
  readonly batch: Batch | undefined;
  /** How far the stream was read. */
  readonly position: number;
}

const MOST_ROWS = 50_000;
/** Well below what one request may have. Large batches need fewer merges, small ones are searchable earlier. */
const MOST_BYTES = 40 * 2 ** 20;
/** Entries per read: small enough to share the thread and the memory. */
const MOST_READ = 1_000;
const READ_WITHIN_MS = 1_000;
const PIECE_BYTES = 2 ** 20;
/** UTF-8 takes at most so many bytes for a unit of UTF-16. */
const BYTES_PER_UNIT = 3;

/** A batch that grows. Its rows are bytes at once: texts of as many would be copied by the garbage collector again and again. */
class BatchBuilder {
  readonly #full: Buffer[] = [];
  #piece = Buffer.alloc(0);
  #used = 0;
  #fullBytes = 0;
  #rows = 0;
  #first = 0;
  #last = 0;

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#fullBytes + this.#used;
  }

  add(row: Row): void {
    if (this.#rows === 0) this.#first = row.position;
    const line = placeRow(row, this.#first);
    // Counting them is only worth it where there may not be room.
    if (this.#room < line.length * BYTES_PER_UNIT) this.#makeRoom(Buffer.byteLength(line));
    this.#used += this.#piece.write(line, this.#used);
    this.#last = row.position;
    this.#rows += 1;
  }

  get #room(): number {
    return this.#piece.length - this.#used;
  }

  #makeRoom(bytes: number): void {
    if (this.#room >= bytes) return;
    this.#close();
    this.#piece = Buffer.allocUnsafeSlow(Math.max(PIECE_BYTES, bytes));
  }

  #close(): void {
    if (this.#used > 0) this.#full.push(this.#piece.subarray(0, this.#used));
    this.#fullBytes += this.#used;
    this.#piece = this.#piece.subarray(this.#used);
    this.#used = 0;
  }

  /** Undefined when nothing was added. */
  batch(): Batch | undefined {
    if (this.#rows === 0) return undefined;
    this.#close();
    return { body: this.#full, rows: this.#rows, firstPosition: this.#first, lastPosition: this.#last };
  }
}

export function toBatch(rows: readonly Row[]): Batch | undefined {
  const builder = new BatchBuilder();
  for (const row of rows) builder.add(row);
  return builder.batch();
}

/**
 * Reads the next batch: waits for the first event, then takes what is there already, and what comes until it is
 * full or `flush` aborts. Encoding goes on while the batch before is being written.
 */
export async function collectBatch(options: CollectOptions): Promise<Collected> {
  const { stream, signal, flush } = options;
  const builder = new BatchBuilder();
  let position = options.after;
  const full = (): boolean => builder.rows >= MOST_ROWS || builder.bytes >= MOST_BYTES;
  for (let until = signal; !full(); until = await patience(stream, position, signal, flush)) {
    const read = await stream.read(position, MOST_READ, until);
    if (read.length === 0) break;
    for (const entry of read) {
      if (full()) break;
      position = entry.position;
      if (!options.stored.has(position)) builder.add(encodeRow(entry));
    }
  }
  return { batch: builder.batch(), position };
}

/** How long to wait for more: for what is there as long as reading takes, for what is not until the flush. */
async function patience(
  stream: Stream,
  position: number,
  signal: AbortSignal,
  flush: AbortSignal,
): Promise<AbortSignal> {
  const there = position < (await stream.head());
  return AbortSignal.any([signal, there ? AbortSignal.timeout(READ_WITHIN_MS) : flush]);
}
