import type { KeyObject } from 'node:crypto';
import { fdatasync } from 'node:fs';
import type { EndPayload } from '../format/end-payload.ts';
import { FrameEncoder, type ChainPosition, type SignedHead } from '../format/encoder.ts';
import type { HeadSigner } from '../format/head-payload.ts';
import { MAX_PAYLOAD_BYTES } from '../format/layout.ts';
import type { ContentKind } from './frame-messages.ts';
import type { SyncLanes } from './sync-lanes.ts';
import { writeAll } from './write-all.ts';

/** What one write call carries at most: enough for full speed, little enough to bound memory and latency. */
const MAX_BATCH_BYTES = 524_288;
/** Bulk output is synced on the way, so that no sync ever has a second's worth of a fast disk to wait for. */
const SYNC_AHEAD_BYTES = 33_554_432;

export type FrameEntry =
  | {
      readonly kind: ContentKind;
      readonly atMs: number;
      readonly data: Uint8Array;
      /** A buffer that nobody needs once this entry is written. */
      readonly lastOf?: ArrayBuffer | undefined;
    }
  | { readonly kind: 'end'; readonly atMs: number; readonly end: EndPayload }
  | { readonly kind: 'head'; readonly atMs: number; readonly wallMs: number; readonly final: boolean };

export interface FrameFileOptions {
  readonly fd: number;
  readonly key: KeyObject;
  readonly signer: HeadSigner;
  readonly start: ChainPosition;
  readonly lanes: SyncLanes;
  readonly onAccepted: (accepted: Accepted) => void;
  /** Called once, with the first error; the file takes nothing any more. */
  readonly onFailure: (error: unknown) => void;
}

export interface Accepted {
  /** How many entries more the file system has accepted, in order. */
  readonly entries: number;
  readonly position: ChainPosition;
  /** The heads among them. */
  readonly heads: readonly SignedHead[];
  /** Buffers of content that are free now. */
  readonly buffers: readonly ArrayBuffer[];
}

/**
 * Appends frames to one file. Everything that waits while a write is under way goes into the next one: a lone
 * keystroke waits for nobody, and bulk output travels in large pieces.
 */
export class FrameFile {
  readonly #options: FrameFileOptions;
  readonly #encoder: FrameEncoder;
  #queue: FrameEntry[] = [];
  #draining: Promise<void> | undefined;
  /** After the last byte that the file system accepted. */
  #accepted: ChainPosition;
  #appendedEntries = 0;
  #acceptedEntries = 0;
  #waiting: { readonly entries: number; readonly resolve: () => void }[] = [];
  #syncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: FrameFileOptions) {
    this.#options = options;
    this.#encoder = new FrameEncoder(options.start);
    this.#accepted = options.start;
  }

  append(entries: readonly FrameEntry[]): void {
    if (this.#stopped) return;
    this.#queue.push(...entries);
    this.#appendedEntries += entries.length;
    this.#draining ??= this.#drain();
  }

  /** True when everything that was appended before the call is on the disk; false when the file stopped before. */
  async sync(): Promise<boolean> {
    // Not until nothing is being written: under steady output that moment never comes.
    if (this.#acceptedEntries < this.#appendedEntries && !this.#stopped) {
      const entries = this.#appendedEntries;
      await new Promise<void>((resolve) => this.#waiting.push({ entries, resolve }));
    }
    return this.syncAccepted();
  }

  /** The same for everything that was accepted before the call. */
  async syncAccepted(): Promise<boolean> {
    const target = this.#accepted.offset;
    while (this.#syncedBytes < target && !this.#stopped) {
      // One that began before our bytes were accepted says nothing about them: then another follows.
      this.#syncing ??= this.#syncOnce();
      await this.#syncing;
    }
    return this.#syncedBytes >= target;
  }

  /** Takes nothing more. Resolves with the place after the last accepted byte when no call is under way. */
  async stop(): Promise<ChainPosition> {
    this.#end();
    await this.#draining;
    await this.#syncing;
    return this.#accepted;
  }

  async #syncOnce(): Promise<void> {
    const target = this.#accepted.offset;
    try {
      await this.#options.lanes.run(() => datasync(this.#options.fd));
      this.#syncedBytes = target;
    } catch (error) {
      // After a failed sync nobody knows what is on the disk, and a second one may lie.
      this.#fail(error);
    } finally {
      this.#syncing = undefined;
    }
  }

  async #drain(): Promise<void> {
    // Deferred to the end of the current task, so that messages that came together travel together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const { entries, encode, heads, buffers } = this.#takeBatch();
      try {
        const parts = encode();
        const writing = writeAll(this.#options.fd, parts, this.#accepted.offset);
        if (writing !== undefined) await writing;
        release(parts);
      } catch (error) {
        this.#fail(error);
        break;
      }
      this.#accepted = this.#encoder.position;
      this.#acceptedEntries += entries;
      if (this.#waiting.length > 0) this.#wake();
      this.#options.onAccepted({ entries, position: this.#accepted, heads, buffers });
      if (this.#accepted.offset - this.#syncedBytes >= SYNC_AHEAD_BYTES) void this.syncAccepted();
    }
    this.#draining = undefined;
  }

  /** Takes entries from the queue, merging neighbours of one kind into frames. */
  #takeBatch(): Batch {
    const { key, signer } = this.#options;
    const steps: (() => readonly Buffer[])[] = [];
    const heads: SignedHead[] = [];
    const buffers: ArrayBuffer[] = [];
    let bytes = 0;
    let taken = 0;
    while (bytes < MAX_BATCH_BYTES) {
      const entry = this.#queue[taken];
      if (entry === undefined) break;
      if (entry.kind === 'end') {
        taken += 1;
        steps.push(() => this.#encoder.end(entry.atMs, entry.end));
      } else if (entry.kind === 'head') {
        taken += 1;
        steps.push(() => {
          const head = this.#encoder.head(signer, entry.atMs, entry);
          heads.push(head.signed);
          return head.bytes;
        });
      } else {
        const { kind, atMs } = entry;
        const run = neighbours(this.#queue, taken, kind);
        taken += run.chunks.length;
        bytes += run.bytes;
        buffers.push(...run.buffers);
        steps.push(() => this.#encoder.encrypted(key, kind, atMs, run.chunks, run.bytes));
      }
    }
    this.#queue = this.#queue.slice(taken);
    return { entries: taken, heads, buffers, encode: () => steps.flatMap((step) => step()) };
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.#end();
    this.#options.onFailure(error);
  }

  #end(): void {
    this.#stopped = true;
    this.#queue = [];
    this.#wake();
  }

  /** Lets go on who waited for entries that are accepted now, or never will be. */
  #wake(): void {
    const reached = (entries: number): boolean => this.#stopped || entries <= this.#acceptedEntries;
    for (const { entries, resolve } of this.#waiting) if (reached(entries)) resolve();
    this.#waiting = this.#waiting.filter(({ entries }) => !reached(entries));
  }
}

interface Batch {
  readonly entries: number;
  /** Encodes them; to be called once. */
  readonly encode: () => readonly Buffer[];
  /** Filled by the encoding. */
  readonly heads: readonly SignedHead[];
  readonly buffers: readonly ArrayBuffer[];
}

function neighbours(
  queue: readonly FrameEntry[],
  from: number,
  kind: ContentKind,
): {
  readonly chunks: readonly Uint8Array[];
  readonly buffers: readonly ArrayBuffer[];
  readonly bytes: number;
} {
  const chunks: Uint8Array[] = [];
  const buffers: ArrayBuffer[] = [];
  let bytes = 0;
  for (let at = from; at < queue.length; at++) {
    const entry = queue[at];
    if (entry === undefined || entry.kind !== kind || !('data' in entry)) break;
    if (chunks.length > 0 && bytes + entry.data.length > MAX_PAYLOAD_BYTES) break;
    chunks.push(entry.data);
    if (entry.lastOf !== undefined) buffers.push(entry.lastOf);
    bytes += entry.data.length;
  }
  return { chunks, buffers, bytes };
}

const RELEASE_FROM_BYTES = 16_384;

/**
 * Gives the memory of large ciphertexts back at once. Left to the collector they make it run over the whole
 * heap again and again, which took as much processor as the hashing.
 */
function release(parts: readonly Buffer[]): void {
  for (const { buffer, length } of parts) {
    if (length >= RELEASE_FROM_BYTES && buffer.byteLength === length && buffer instanceof ArrayBuffer)
      buffer.transfer(0);
  }
}

function datasync(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    fdatasync(fd, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
