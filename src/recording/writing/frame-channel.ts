import type { Clock, MonotonicClock } from '#lib/time.ts';
import type { EndPayload } from '../format/end-payload.ts';
import type { ChainPosition, SignedHead } from '../format/encoder.ts';
import type { BufferPool } from './buffer-pool.ts';
import type { ContentKind, EntryNote, FromFrameThread, ToFrameThread } from './frame-messages.ts';
import { writeFailure } from './write-failure.ts';

export interface FrameChannelOptions {
  readonly file: number;
  readonly post: (message: ToFrameThread, transfer: readonly ArrayBuffer[]) => void;
  /** Buffers for content on its way, shared by all channels. */
  readonly buffers: BufferPool;
  /** How many frames stand in the file already. */
  readonly frames: number;
  readonly clock: Clock;
  readonly monotonic: MonotonicClock;
  readonly startedAtMonotonicMs: number;
  /** Called once, with the first error; nothing is accepted any more. */
  readonly onFailure: (error: unknown) => void;
}

/** One file on the recording thread. Content is copied on the way, so the caller keeps its buffers. */
export class FrameChannel {
  readonly #options: FrameChannelOptions;
  /** What goes with the next message. */
  #notes: EntryNote[] = [];
  #contents: Uint8Array[] = [];
  /** In the order of the entries, until the file system accepted them. */
  #waiting: Waiting[] = [];
  readonly #syncs = new Map<number, PromiseWithResolvers<void>>();
  #calls = 0;
  #frames: number;
  #failure: Error | undefined;
  #stopping: PromiseWithResolvers<ChainPosition | undefined> | undefined;
  #lastMs = 0;

  constructor(options: FrameChannelOptions) {
    this.#options = options;
    this.#frames = options.frames;
  }

  /** How many frames the file system has accepted. */
  get frames(): number {
    return this.#frames;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when the file system has accepted the data. */
  append(kind: ContentKind, data: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#contents.push(data);
      this.#send({ kind, atMs: this.elapsedMs(), bytes: data.length }, { resolve: () => resolve(), reject });
    });
  }

  appendEnd(end: EndPayload): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#send({ kind: 'end', atMs: this.elapsedMs(), end }, { resolve: () => resolve(), reject });
    });
  }

  appendHead(final: boolean): Promise<SignedHead> {
    return new Promise((resolve, reject) => {
      const note = { kind: 'head', atMs: this.elapsedMs(), wallMs: this.#options.clock(), final } as const;
      this.#send(note, {
        resolve: () => reject(new Error('a head came without its signature')),
        head: resolve,
        reject,
      });
    });
  }

  /** Resolves when everything that was appended before the call is on the disk. */
  sync(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#flush();
    this.#calls += 1;
    const call = Promise.withResolvers<void>();
    this.#syncs.set(this.#calls, call);
    this.#options.post({ type: 'sync', file: this.#options.file, call: this.#calls }, []);
    return call.promise;
  }

  /** Takes nothing more. Resolves with the place after the last accepted byte, when no call is under way. */
  stop(): Promise<ChainPosition | undefined> {
    if (this.#stopping === undefined) {
      this.#flush();
      this.#stopping = Promise.withResolvers();
      this.#options.post({ type: 'stop', file: this.#options.file }, []);
    }
    return this.#stopping.promise;
  }

  /** Makes the file fail as if the disk had: what waits is rejected, nothing is accepted any more. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = writeFailure(error);
    for (const { reject } of [...this.#waiting, ...this.#syncs.values()]) reject(this.#failure);
    this.#waiting = [];
    this.#syncs.clear();
    this.#notes = [];
    this.#contents = [];
    this.#options.onFailure(error);
  }

  /** The recording thread is gone, and with it the knowledge of what was accepted last. */
  lost(failure: Error): void {
    this.#stopping ??= Promise.withResolvers();
    this.#stopping.resolve(undefined);
    this.fail(failure);
  }

  /** Milliseconds since the start; never less than a frame before had. */
  elapsedMs(): number {
    const elapsed = Math.floor(this.#options.monotonic() - this.#options.startedAtMonotonicMs);
    this.#lastMs = Math.max(this.#lastMs, elapsed);
    return this.#lastMs;
  }

  heard(message: FromFrameThread): void {
    if (message.type === 'accepted') {
      this.#options.buffers.put(message.buffers);
      this.#accepted(message.entries, message.frames, message.heads);
    } else if (message.type === 'synced') {
      this.#syncs.get(message.call)?.resolve();
      this.#syncs.delete(message.call);
    } else if (message.type === 'failed') {
      this.fail(Object.assign(new Error(message.message), { code: message.code }));
    } else this.#stopping?.resolve({ ...message.position, digest: Buffer.from(message.position.digest) });
  }

  #send(note: EntryNote, waiting: Waiting): void {
    if (this.#failure !== undefined || this.#stopping !== undefined) {
      this.#contents = [];
      waiting.reject(this.#failure ?? writeFailure(new Error('the recording is closed')));
      return;
    }
    this.#waiting.push(waiting);
    this.#notes.push(note);
    // At the end of the current task, so that all packets of one network read travel in one message.
    if (this.#notes.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const entries = this.#notes;
    if (entries.length === 0) return;
    const content = this.#options.buffers.filled(this.#contents);
    this.#notes = [];
    this.#contents = [];
    this.#options.post({ type: 'append', file: this.#options.file, entries, content }, [content]);
  }

  #accepted(entries: number, frames: number, heads: readonly SignedHead[]): void {
    this.#frames = frames;
    const signed = heads.values();
    for (const waiting of this.#waiting.splice(0, entries)) {
      if (waiting.head === undefined) waiting.resolve();
      else {
        const head = signed.next().value;
        if (head === undefined) waiting.resolve();
        else
          waiting.head({ ...head, digest: Buffer.from(head.digest), signature: Buffer.from(head.signature) });
      }
    }
  }
}

interface Waiting {
  readonly resolve: () => void;
  readonly head?: (signed: SignedHead) => void;
  readonly reject: (error: Error) => void;
}
