import type { FrameKind, RecordingWriter } from '#recording/recorder.ts';
import { INPUT_NOT_RECORDED, markContent } from '#recording/content.ts';
import type { Part } from '../wire/channel-port.ts';
import { SlabPool } from '../wire/slabs.ts';

/** Writes under way at once: enough that recorder and wire work at the same time. */
const MAX_IN_FLIGHT = 4;
/** While a write is under way, smaller chunks wait for company. */
const BATCH_BYTES = 128 * 1024;
/** From this size on a chunk is bulk, and worth a slab. */
const BULK_BYTES = 8 * 1024;

/** As much as one frame of a recording holds. */
const slabs = new SlabPool(256 * 1024, 32);

/** `secret` goes on like data, but only the fact that it was typed is recorded. */
export type FlowPart = Part | 'secret';

interface Batch {
  readonly bytes: Buffer;
  readonly part: FlowPart;
  readonly release: (() => void) | undefined;
  accepted: boolean;
}

export interface FlowOptions {
  readonly writer: RecordingWriter;
  readonly kinds: Readonly<Record<Part, FrameKind>>;
  /** Receives what the recorder accepted, in order, and calls `release` when it has used the bytes. */
  readonly forward: (bytes: Buffer, part: FlowPart, release: (() => void) | undefined) => void;
  /** The recorder refused: nothing is forwarded any more. Called once. */
  readonly failed: (error: unknown) => void;
}

/**
 * One direction of a channel: bytes go on only after the recorder accepted them. Several writes are under way
 * at once and small chunks are joined while one is, so the price per byte falls as the traffic grows; a single
 * keystroke goes at once.
 */
export class RecordedFlow {
  readonly #options: FlowOptions;
  /** Small chunks that wait, or the slab that is being filled: never both. */
  #small: Buffer[] = [];
  #slab: Buffer | undefined;
  #pendingPart: FlowPart = 'data';
  #secretNoted = false;
  #pendingBytes = 0;
  #inFlight: Batch[] = [];
  #failed = false;
  #onIdle: (() => void) | undefined;

  constructor(options: FlowOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#pendingBytes === 0 && this.#inFlight.length === 0;
  }

  /** Copies the bytes. */
  push(bytes: Buffer, part: FlowPart): void {
    if (this.#failed || bytes.length === 0) return;
    if (part !== this.#pendingPart && this.#pendingBytes > 0) this.#submit();
    this.#pendingPart = part;
    if (this.#slab === undefined && this.#pendingBytes + bytes.length < BULK_BYTES) {
      this.#small.push(Buffer.from(bytes));
      this.#pendingBytes += bytes.length;
    } else this.#fill(bytes);
    if (this.#isWorthWriting) this.#submit();
  }

  get #isWorthWriting(): boolean {
    const flying = this.#inFlight.length;
    return flying === 0 || (flying < MAX_IN_FLIGHT && this.#pendingBytes >= BATCH_BYTES);
  }

  #fill(bytes: Buffer): void {
    for (let offset = 0; offset < bytes.length;) {
      this.#slab ??= this.#newSlab();
      const count = bytes.copy(this.#slab, this.#pendingBytes, offset);
      this.#pendingBytes += count;
      offset += count;
      if (this.#pendingBytes === this.#slab.length) this.#submit();
    }
  }

  /** A slab that begins with the small chunks that wait. */
  #newSlab(): Buffer {
    const slab = slabs.take();
    let used = 0;
    for (const chunk of this.#small.splice(0)) used += chunk.copy(slab, used);
    return slab;
  }

  /** Calls once when everything pushed so far and until then has been forwarded. Never after a failure. */
  whenIdle(listener: () => void): void {
    if (this.#failed) return;
    if (this.idle) listener();
    else this.#onIdle = listener;
  }

  /** Nothing more is accepted or forwarded. */
  stop(): void {
    this.#failed = true;
    this.#small = [];
    this.#slab = undefined;
    this.#pendingBytes = 0;
  }

  #submit(): void {
    if (this.#pendingBytes === 0) return;
    const batch = this.#takePending();
    this.#inFlight.push(batch);
    this.#record(batch).then(
      () => this.#accepted(batch),
      (error: unknown) => this.#fail(error),
    );
  }

  #record({ bytes, part }: Batch): Promise<void> {
    const { writer, kinds } = this.#options;
    const noted = this.#secretNoted;
    this.#secretNoted = part === 'secret';
    if (part !== 'secret') return writer.write(kinds[part], bytes);
    // One mark for all that is typed at one prompt.
    return noted ? Promise.resolve() : writer.write('mark', markContent(INPUT_NOT_RECORDED));
  }

  #takePending(): Batch {
    const slab = this.#slab;
    const small = this.#small;
    const length = this.#pendingBytes;
    this.#slab = undefined;
    this.#small = [];
    this.#pendingBytes = 0;
    const rest = { part: this.#pendingPart, accepted: false };
    if (slab !== undefined)
      return { ...rest, bytes: slab.subarray(0, length), release: () => slabs.give(slab) };
    const [only] = small;
    const bytes = small.length === 1 && only !== undefined ? only : Buffer.concat(small, length);
    return { ...rest, bytes, release: undefined };
  }

  #accepted(batch: Batch): void {
    if (this.#failed) return;
    batch.accepted = true;
    while (this.#inFlight[0]?.accepted === true) {
      const head = this.#inFlight.shift();
      if (head !== undefined) this.#options.forward(head.bytes, head.part, head.release);
    }
    if (this.#isWorthWriting) this.#submit();
    if (this.idle && this.#onIdle !== undefined) {
      const listener = this.#onIdle;
      this.#onIdle = undefined;
      listener();
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.stop();
    this.#inFlight = [];
    this.#options.failed(error);
  }
}
