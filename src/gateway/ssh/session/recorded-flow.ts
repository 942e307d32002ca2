import type { FrameKind, RecordingWriter } from '#recording/recorder.ts';
import type { Part } from '../wire/channel-port.ts';

/** Writes under way at once: enough that recorder and wire work at the same time. */
const MAX_IN_FLIGHT = 4;
/** While a write is under way, smaller chunks wait for company. */
const BATCH_BYTES = 128 * 1024;
const MAX_FRAME_BYTES = 512 * 1024;

interface Batch {
  readonly bytes: Buffer;
  readonly part: Part;
  accepted: boolean;
}

export interface FlowOptions {
  readonly writer: RecordingWriter;
  readonly kinds: Readonly<Record<Part, FrameKind>>;
  /** Receives what the recorder accepted, in order. */
  readonly forward: (bytes: Buffer, part: Part) => void;
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
  #pending: Buffer[] = [];
  #pendingPart: Part = 'data';
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

  push(bytes: Buffer, part: Part): void {
    if (this.#failed || bytes.length === 0) return;
    if (part !== this.#pendingPart && this.#pendingBytes > 0) this.#submit();
    this.#pendingPart = part;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    this.#maybeSubmit();
    if (this.#pendingBytes >= MAX_FRAME_BYTES) this.#submit();
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
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #maybeSubmit(): void {
    const flying = this.#inFlight.length;
    if (flying === 0 || (flying < MAX_IN_FLIGHT && this.#pendingBytes >= BATCH_BYTES)) this.#submit();
  }

  #submit(): void {
    const { writer, kinds } = this.#options;
    const [only] = this.#pending;
    if (only === undefined) return;
    const bytes = this.#pending.length === 1 ? only : Buffer.concat(this.#pending, this.#pendingBytes);
    const batch: Batch = { bytes, part: this.#pendingPart, accepted: false };
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#inFlight.push(batch);
    writer.write(kinds[batch.part], bytes).then(
      () => this.#accepted(batch),
      (error: unknown) => this.#fail(error),
    );
  }

  #accepted(batch: Batch): void {
    if (this.#failed) return;
    batch.accepted = true;
    while (this.#inFlight[0]?.accepted === true) {
      const head = this.#inFlight.shift();
      if (head !== undefined) this.#options.forward(head.bytes, head.part);
    }
    if (this.#pendingBytes > 0) this.#maybeSubmit();
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
