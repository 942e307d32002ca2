import { hash } from 'node:crypto';
import type { ChainPosition } from './encoder.ts';
import { readHeader, type RecordingHeader } from './header.ts';
import {
  DIGEST_BYTES,
  FRAME_HEAD_BYTES,
  frameBytes,
  HEADER_FIXED_BYTES,
  isClear,
  MAX_HEADER_JSON_BYTES,
  parseFrameHead,
  TAG_BYTES,
  type FrameHead,
} from './layout.ts';
import type { RecordingSource } from './source.ts';

const WINDOW_BYTES = 2_097_152;

/** A frame whose digest follows from the one before. Its buffers stay valid. */
export interface ScannedFrame {
  readonly index: number;
  readonly offset: number;
  readonly head: FrameHead;
  readonly headBytes: Buffer;
  readonly payload: Buffer;
  /** Empty for clear kinds. */
  readonly tag: Buffer;
  readonly previousDigest: Buffer;
  readonly digest: Buffer;
}

/**
 * Where the chain of valid frames stops. `whole`: at the end of the file. `torn`: the file ends within a
 * frame. `broken`: what stands there is not the frame that was written there.
 */
export interface ScanEnd {
  readonly state: 'whole' | 'torn' | 'broken';
  readonly position: ChainPosition;
  readonly remainingBytes: number;
  readonly what: string;
}

export type Scan =
  | { readonly state: 'bad-header'; readonly what: string }
  | { readonly state: 'open'; readonly header: RecordingHeader; readonly scan: FrameScanner };

/** Reads the header. The frames are then read one by one; nothing needs a key. */
export async function scanRecording(source: RecordingSource): Promise<Scan> {
  const start = Buffer.alloc(HEADER_FIXED_BYTES + MAX_HEADER_JSON_BYTES + DIGEST_BYTES);
  const header = readHeader(start.subarray(0, await source.read(start, 0)));
  if (header.state === 'bad') return { state: 'bad-header', what: header.what };
  return {
    state: 'open',
    header: header.header,
    scan: new FrameScanner(source, { frames: 0, offset: header.bytes, digest: header.digest }),
  };
}

/** Walks the chain from a position. */
export class FrameScanner {
  readonly #source: RecordingSource;
  #position: ChainPosition;
  /** Part of the file; always begins with the digest before the next frame, as it stands in the file. */
  #window: Buffer = Buffer.alloc(0);
  #windowOffset: number;

  constructor(source: RecordingSource, position: ChainPosition) {
    this.#source = source;
    this.#position = position;
    this.#windowOffset = position.offset - DIGEST_BYTES;
  }

  /** After the last frame that was handed out. */
  get position(): ChainPosition {
    return this.#position;
  }

  /** The next frame, or where the chain stops; then again the same. */
  async next(): Promise<ScannedFrame | ScanEnd> {
    const { frames, offset, digest: previousDigest } = this.#position;
    const remainingBytes = this.#source.bytes - offset;
    const stop = (state: ScanEnd['state'], what: string): ScanEnd => ({
      state,
      position: this.#position,
      remainingBytes,
      what,
    });
    if (remainingBytes <= 0) return stop('whole', '');
    await this.#fill(FRAME_HEAD_BYTES);
    if (remainingBytes < FRAME_HEAD_BYTES) return stop('torn', 'the file ends within the head of a frame');
    const head = parseFrameHead(this.#window, DIGEST_BYTES);
    if (head === undefined) return stop('broken', 'the head of the frame is not one');
    const bytes = frameBytes(head);
    if (remainingBytes < bytes) return stop('torn', 'the file ends within the frame');
    await this.#fill(bytes);

    const digestAt = bytes;
    const digest = this.#window.subarray(digestAt, digestAt + DIGEST_BYTES);
    if (!hash('sha256', this.#window.subarray(0, digestAt), 'buffer').equals(digest)) {
      return stop('broken', 'the frame does not follow from the one before it');
    }
    const payloadAt = DIGEST_BYTES + FRAME_HEAD_BYTES;
    const tagAt = payloadAt + head.length;
    const frame: ScannedFrame = {
      index: frames,
      offset,
      head,
      headBytes: this.#window.subarray(DIGEST_BYTES, payloadAt),
      payload: this.#window.subarray(payloadAt, tagAt),
      tag: this.#window.subarray(tagAt, tagAt + (isClear(head.kind) ? 0 : TAG_BYTES)),
      previousDigest,
      digest,
    };
    this.#position = { frames: frames + 1, offset: offset + bytes, digest };
    this.#window = this.#window.subarray(digestAt);
    this.#windowOffset += digestAt;
    return frame;
  }

  /** Makes the window hold the digest and that many bytes after it, as far as the file has them. */
  async #fill(bytes: number): Promise<void> {
    const needed = DIGEST_BYTES + bytes;
    if (this.#window.length >= needed) return;
    const left = this.#source.bytes - this.#windowOffset;
    // A new buffer each time: frames handed out before keep theirs.
    const window = Buffer.allocUnsafeSlow(Math.min(Math.max(WINDOW_BYTES, needed), Math.max(left, 0)));
    this.#window = window.subarray(0, await this.#source.read(window, this.#windowOffset));
  }
}

export function isFrame(item: ScannedFrame | ScanEnd): item is ScannedFrame {
  return 'index' in item;
}
