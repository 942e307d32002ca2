import type { FileHandle } from 'node:fs/promises';
import { PortcullisError } from '#contract/errors.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import type { SignedHead } from '../format/encoder.ts';
import type { HeadSigner } from '../format/head-payload.ts';
import { MAX_PAYLOAD_BYTES } from '../format/layout.ts';
import type { FrameKind, RecordingMeta, RecordingWriter } from '../recorder.ts';
import { closeTail, type ClosedTail } from './close-tail.ts';
import type { FrameChannel } from './frame-channel.ts';
import type { RecordingLedger } from './ledger.ts';
import type { SpaceGuard } from './space-guard.ts';
import { failureReason, writeFailure } from './write-failure.ts';

export interface OpenRecordingParts {
  readonly meta: RecordingMeta;
  readonly handle: FileHandle;
  readonly frames: FrameChannel;
  /** The signature with which the file begins. */
  readonly firstHead: SignedHead;
  readonly signer: HeadSigner;
  readonly ledger: RecordingLedger;
  readonly space: SpaceGuard;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Makes the name of the file durable; needed once. */
  readonly syncName: () => Promise<void>;
  /** Once the file is closed, however it ended. */
  readonly onClosed: () => void;
}

/** One recording that is being written, from its first frame to its final signature. */
export class OpenRecording implements RecordingWriter {
  readonly #parts: OpenRecordingParts;
  #nameSynced = false;
  #finishing: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #lastHead: SignedHead;
  #lastHeadMs = 0;
  #lastHeadAnchored = false;

  constructor(parts: OpenRecordingParts) {
    this.#parts = parts;
    this.#lastHead = parts.firstHead;
  }

  get meta(): RecordingMeta {
    return this.#parts.meta;
  }

  write(kind: FrameKind, data: Uint8Array): Promise<void> {
    const { frames } = this.#parts;
    if (this.#finishing !== undefined) return Promise.reject(closed());
    if (data.length <= MAX_PAYLOAD_BYTES)
      return data.length === 0 ? Promise.resolve() : frames.append(kind, data);
    const pieces: Promise<void>[] = [];
    for (let at = 0; at < data.length; at += MAX_PAYLOAD_BYTES) {
      pieces.push(frames.append(kind, data.subarray(at, at + MAX_PAYLOAD_BYTES)));
    }
    return Promise.all(pieces).then(() => {});
  }

  async sync(): Promise<void> {
    await Promise.all([this.#parts.frames.sync(), this.#syncName()]);
  }

  /** Once in its life; the content is synced by the recording thread. */
  async syncName(): Promise<void> {
    if (this.#nameSynced || this.#closing !== undefined) return;
    await this.#syncName();
  }

  /**
   * A signature over what there is, on the disk before anybody hears of it. Undefined when the last one was
   * anchored less than `everyMs` ago, nothing was added since, or the recording is ending and will be signed
   * for good.
   */
  async headToAnchor(everyMs: number): Promise<SignedHead | undefined> {
    const { frames } = this.#parts;
    if (this.#finishing !== undefined || frames.failure !== undefined) return undefined;
    const elapsedMs = frames.elapsedMs();
    if (this.#lastHeadAnchored) {
      const grown = frames.frames > this.#lastHead.frame + 1;
      if (!grown || elapsedMs - this.#lastHeadMs < everyMs) return undefined;
      this.#lastHead = await frames.appendHead(false);
      this.#lastHeadMs = elapsedMs;
      this.#lastHeadAnchored = false;
    }
    await this.sync();
    return this.#lastHead;
  }

  /** The event stream has this head: it need not be offered again. */
  anchored(head: SignedHead): void {
    if (head === this.#lastHead) this.#lastHeadAnchored = true;
  }

  finish(reason: string): Promise<void> {
    this.#finishing ??= this.#finish(reason);
    return this.#finishing;
  }

  /** The disk failed here, or for another recording in a way that concerns all: nothing more is accepted. */
  fail(error: unknown): void {
    this.#parts.frames.fail(error);
  }

  /** Called by the frame file with its first error. */
  onFailure(error: unknown): void {
    this.#closing ??= this.#closeFailed(error);
  }

  /** Closes the file of a recording that never began. */
  async abandon(): Promise<void> {
    await this.#parts.frames.stop();
    await this.#parts.handle.close();
  }

  async #finish(reason: string): Promise<void> {
    const { frames, handle, ledger, meta, onClosed } = this.#parts;
    try {
      // Both in one write: an end without its signature is only seen after a crash in between.
      const [, signed] = await Promise.all([
        frames.appendEnd({ outcome: 'finished', reason, tornBytes: 0 }),
        frames.appendHead(true),
      ]);
      await this.sync();
      const position = await frames.stop();
      if (position === undefined) throw frames.failure ?? closed();
      await ledger.finished(meta, signed, position, frames.elapsedMs());
    } finally {
      await this.#closing;
      if (this.#closing === undefined) await handle.close();
      onClosed();
    }
  }

  async #closeFailed(cause: unknown): Promise<void> {
    const { frames, handle, ledger, space, meta, signer, clock, logger, onClosed } = this.#parts;
    const reason = failureReason(cause);
    logger.error(
      { recordingId: meta.recordingId, sessionId: meta.sessionId, reason, err: cause },
      'a recording failed',
    );
    let tail: ClosedTail | undefined;
    const position = await frames.stop();
    try {
      await space.givesUp(cause);
      if (position === undefined) throw cause;
      const end = { outcome: 'failed', reason, tornBytes: 0 } as const;
      const times = { atMs: frames.elapsedMs(), wallMs: clock() };
      tail = await closeTail(handle, position, signer, end, times);
      await this.#syncName();
    } catch (error) {
      // It is closed after the next start, from what is on the disk.
      logger.error({ recordingId: meta.recordingId, err: error }, 'a failed recording could not be closed');
    }
    await handle.close().catch(() => {});
    await ledger.failed(meta, reason, tail, frames.elapsedMs());
    onClosed();
  }

  async #syncName(): Promise<void> {
    if (this.#nameSynced) return;
    try {
      await this.#parts.syncName();
      this.#nameSynced = true;
    } catch (error) {
      this.fail(error);
      throw writeFailure(error);
    }
  }
}

function closed(): PortcullisError {
  return new PortcullisError('E_RECORDING_WRITE', 'The recording is closed; nothing can be added to it.');
}
