import type { Stream, StreamEntry } from '#stream/stream.ts';
import { encodeRow } from './event-row.ts';

/** Rows that are written together, in the order of the stream. Never empty. */
export interface Batch {
  readonly entries: readonly StreamEntry[];
  /** The rows as `encodeRow` makes them. */
  readonly lines: readonly string[];
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

export function toBatch(entries: readonly StreamEntry[]): Batch | undefined {
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const lines = entries.map((entry) => encodeRow(entry, first.position));
  return { entries, lines, firstPosition: first.position, lastPosition: last.position };
}

/**
 * Reads the next batch: waits for the first event, then takes what is there already, and what comes until it is
 * full or `flush` aborts. Encoding goes on while the batch before is being written.
 */
export async function collectBatch(options: CollectOptions): Promise<Collected> {
  const { stream, signal, flush } = options;
  const entries: StreamEntry[] = [];
  const lines: string[] = [];
  let position = options.after;
  let bytes = 0;
  const full = (): boolean => entries.length >= MOST_ROWS || bytes >= MOST_BYTES;
  for (let until = signal; !full(); until = await patience(stream, position, signal, flush)) {
    const read = await stream.read(position, MOST_READ, until);
    if (read.length === 0) break;
    for (const entry of read) {
      if (full()) break;
      position = entry.position;
      if (options.stored.has(position)) continue;
      const line = encodeRow(entry, entries[0]?.position ?? position);
      entries.push(entry);
      lines.push(line);
      bytes += Buffer.byteLength(line);
    }
  }
  const [first] = entries;
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return { batch: undefined, position };
  return { batch: { entries, lines, firstPosition: first.position, lastPosition: last.position }, position };
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
