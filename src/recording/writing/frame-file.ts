import type { KeyObject } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { MonotonicClock } from '#lib/time.ts';
import type { EndPayload } from '../format/end-payload.ts';
import { FrameEncoder, type ChainPosition, type SignedHead } from '../format/encoder.ts';
import type { HeadSigner } from '../format/head-payload.ts';
import { MAX_PAYLOAD_BYTES, type StoredKind } from '../format/layout.ts';
import type { SyncLanes } from './sync-lanes.ts';
import { writeAll } from './write-all.ts';
import { writeFailure } from './write-failure.ts';

/** What one write call carries at most: enough for full speed, little enough to bound memory and latency. */
const MAX_BATCH_BYTES = 1_048_576;
/** Bulk output is synced on the way, so that no sync ever has a second's worth of a fast disk to wait for. */
const SYNC_AHEAD_BYTES = 33_554_432;

type ContentKind = Exclude<StoredKind, 'end' | 'head'>;
type Entry =
  | {
      readonly kind: ContentKind;
      readonly data: Uint8Array;
      readonly atMs: number;
      readonly settle: Settle<void>;
    }
  | { readonly kind: 'end'; readonly end: EndPayload; readonly atMs: number; readonly settle: Settle<void> }
  | {
      readonly kind: 'head';
      readonly final: boolean;
      readonly atMs: number;
      readonly settle: Settle<SignedHead>;
    };

interface Settle<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export interface FrameFileOptions {
  readonly file: FileHandle;
  readonly key: KeyObject;
  readonly signer: HeadSigner;
  readonly start: ChainPosition;
  readonly startedAtMonotonicMs: number;
  readonly clock: () => number;
  readonly monotonic: MonotonicClock;
  readonly lanes: SyncLanes;
  /** Called once, with the first error; the file takes nothing any more. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Appends frames to one file. Everything that waits while a write is under way goes into the next one: a lone
 * keystroke waits for nobody, and bulk output travels in large pieces. No method touches the disk on the
 * calling thread.
 */
export class FrameFile {
  readonly #options: FrameFileOptions;
  readonly #encoder: FrameEncoder;
  #queue: Entry[] = [];
  #writing: Promise<void> | undefined;
  /** After the last byte that the file system accepted. */
  #accepted: ChainPosition;
  #syncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #lastAppend: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
  #lastMs = 0;

  constructor(options: FrameFileOptions) {
    this.#options = options;
    this.#encoder = new FrameEncoder(options.start);
    this.#accepted = options.start;
  }

  get accepted(): ChainPosition {
    return this.#accepted;
  }

  get unsyncedBytes(): number {
    return this.#accepted.offset - this.#syncedBytes;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when the file system has accepted the data, which must not be changed until then. */
  append(kind: ContentKind, data: Uint8Array): Promise<void> {
    return this.#enqueue((settle: Settle<void>, atMs) => ({ kind, data, atMs, settle }));
  }

  appendEnd(end: EndPayload): Promise<void> {
    return this.#enqueue((settle: Settle<void>, atMs) => ({ kind: 'end', end, atMs, settle }));
  }

  appendHead(final: boolean): Promise<SignedHead> {
    return this.#enqueue((settle: Settle<SignedHead>, atMs) => ({ kind: 'head', final, atMs, settle }));
  }

  /** Resolves when everything that was appended before the call is on the disk. */
  async sync(): Promise<void> {
    await this.#lastAppend;
    await this.syncAccepted();
  }

  /** Resolves when everything that was accepted before the call is on the disk. */
  async syncAccepted(): Promise<void> {
    const target = this.#accepted.offset;
    while (this.#syncedBytes < target && this.#failure === undefined) {
      // One that began before our bytes were accepted says nothing about them: then another follows.
      this.#syncing ??= this.#syncOnce().finally(() => {
        this.#syncing = undefined;
      });
      await this.#syncing;
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Makes the file fail as if the disk had: what waits is rejected, nothing is accepted any more. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = writeFailure(error);
    const waiting = this.#queue;
    this.#queue = [];
    for (const entry of waiting) entry.settle.reject(this.#failure);
    this.#options.onFailure(error);
  }

  /** Resolves when no write is under way any more. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Milliseconds since the start; never less than a frame before had. */
  elapsedMs(): number {
    const elapsed = Math.floor(this.#options.monotonic() - this.#options.startedAtMonotonicMs);
    this.#lastMs = Math.max(this.#lastMs, elapsed);
    return this.#lastMs;
  }

  async #syncOnce(): Promise<void> {
    const target = this.#accepted.offset;
    try {
      await this.#options.lanes.run(() => this.#options.file.datasync());
      this.#syncedBytes = target;
    } catch (error) {
      // After a failed sync nobody knows what is on the disk, and a second one may lie.
      this.fail(error);
    }
  }

  #enqueue<T>(make: (settle: Settle<T>, atMs: number) => Entry): Promise<T> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const accepted = new Promise<T>((resolve, reject) => {
      this.#queue.push(make({ resolve, reject }, this.elapsedMs()));
      // Deferred to the end of the current task, so that all packets of one network read travel together.
      this.#writing ??= Promise.resolve().then(() => this.#drain());
    });
    this.#lastAppend = accepted;
    return accepted;
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 && this.#failure === undefined) {
      const batch = this.#takeBatch();
      try {
        const parts = batch.flatMap((step) => step.bytes());
        await writeAll(this.#options.file, parts, this.#accepted.offset);
      } catch (error) {
        this.fail(error);
        for (const step of batch) step.reject(this.#failure ?? error);
        break;
      }
      this.#accepted = this.#encoder.position;
      for (const step of batch) step.resolve();
      if (this.unsyncedBytes >= SYNC_AHEAD_BYTES && this.#syncing === undefined) {
        // Its failure reaches everybody through `fail`.
        this.syncAccepted().catch(() => {});
      }
    }
    this.#writing = undefined;
  }

  /** Takes entries from the queue, merging neighbours of one kind into frames. */
  #takeBatch(): readonly Step[] {
    const { key, signer, clock } = this.#options;
    const steps: Step[] = [];
    let batchBytes = 0;
    let taken = 0;
    while (taken < this.#queue.length && batchBytes < MAX_BATCH_BYTES) {
      const first = this.#queue[taken];
      if (first === undefined) break;
      if (first.kind === 'end') {
        taken += 1;
        steps.push({
          bytes: () => this.#encoder.end(first.atMs, first.end),
          resolve: () => first.settle.resolve(),
          reject: first.settle.reject,
        });
      } else if (first.kind === 'head') {
        taken += 1;
        let signed: SignedHead | undefined;
        steps.push({
          bytes: () => {
            const head = this.#encoder.head(signer, first.atMs, { wallMs: clock(), final: first.final });
            signed = head.signed;
            return head.bytes;
          },
          resolve: () => {
            if (signed !== undefined) first.settle.resolve(signed);
          },
          reject: first.settle.reject,
        });
      } else {
        const { kind, atMs } = first;
        const chunks: Uint8Array[] = [];
        const settles: Settle<void>[] = [];
        let bytes = 0;
        for (; taken < this.#queue.length; taken++) {
          const entry = this.#queue[taken];
          if (entry === undefined || entry.kind !== kind || !('data' in entry)) break;
          if (chunks.length > 0 && bytes + entry.data.length > MAX_PAYLOAD_BYTES) break;
          chunks.push(entry.data);
          settles.push(entry.settle);
          bytes += entry.data.length;
        }
        batchBytes += bytes;
        steps.push({
          bytes: () => this.#encoder.encrypted(key, kind, atMs, chunks, bytes),
          resolve: () => {
            for (const settle of settles) settle.resolve();
          },
          reject: (error) => {
            for (const settle of settles) settle.reject(error);
          },
        });
      }
    }
    this.#queue = this.#queue.slice(taken);
    return steps;
  }
}

interface Step {
  readonly bytes: () => readonly Buffer[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}
