import type { FrameKind } from '../recorder.ts';

/**
 * The `.pcrec` file. All numbers are big-endian.
 *
 *     file   = header frame*
 *     header = magic(8) length(u32) JSON(length) digest(32)          digest = SHA-256(all before it)
 *     frame  = head(12) payload(length) tag(16, encrypted kinds only) digest(32)
 *     head   = length(u32) kind(u8) flags(u8) milliseconds since start, monotonic(u48)
 *     digest = SHA-256(previous digest ‖ head ‖ payload ‖ tag)
 *
 * The digests stand in the file, so each one is the checksum of its frame and a link of the chain; what a
 * digest covers lies in one piece before it. Payloads are AES-256-GCM under the data key of the recording
 * (nonce = frame index, additional data = head), except `end` and `head`, which are clear: whoever has no key
 * can verify a recording, and a recording whose tail was cut off is closed without using a nonce twice.
 */
export const MAGIC = Buffer.from('PCREC\x01\r\n', 'latin1');
export const HEADER_FIXED_BYTES = MAGIC.length + 4;
export const MAX_HEADER_JSON_BYTES = 4096;
export const DIGEST_BYTES = 32;
export const TAG_BYTES = 16;
export const FRAME_HEAD_BYTES = 12;
/** What one frame holds at most, before and after compression. */
export const MAX_PAYLOAD_BYTES = 262_144;
export const FLAG_COMPRESSED = 1;

/** `meta` is the first frame; `end` says how it ended; `head` is a signature over everything before it. */
export type StoredKind = FrameKind | 'meta' | 'end' | 'head';

const CODES: Readonly<Record<StoredKind, number>> = {
  output: 1,
  error: 2,
  input: 3,
  resize: 4,
  mark: 5,
  meta: 6,
  end: 16,
  head: 17,
};
const KINDS = new Map<number, StoredKind>(
  Object.entries(CODES).map(([kind, code]) => [code, kind as StoredKind]),
);

export function isClear(kind: StoredKind): kind is 'end' | 'head' {
  return CODES[kind] >= 16;
}

export interface FrameHead {
  readonly length: number;
  readonly kind: StoredKind;
  readonly compressed: boolean;
  readonly atMs: number;
}

export function writeFrameHead(head: FrameHead): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES);
  bytes.writeUInt32BE(head.length, 0);
  bytes[4] = CODES[head.kind];
  bytes[5] = head.compressed ? FLAG_COMPRESSED : 0;
  bytes.writeUIntBE(head.atMs, 6, 6);
  return bytes;
}

/** Undefined when these bytes cannot be the head of a frame: an impossible length, kind or flag. */
export function parseFrameHead(bytes: Buffer, offset: number): FrameHead | undefined {
  if (bytes.length < offset + FRAME_HEAD_BYTES) return undefined;
  const length = bytes.readUInt32BE(offset);
  const kind = KINDS.get(bytes.readUInt8(offset + 4));
  const flags = bytes.readUInt8(offset + 5);
  if (length > MAX_PAYLOAD_BYTES || kind === undefined || flags > FLAG_COMPRESSED) return undefined;
  const compressed = flags === FLAG_COMPRESSED;
  if (compressed && isClear(kind)) return undefined;
  return { length, kind, compressed, atMs: bytes.readUIntBE(offset + 6, 6) };
}

/** What a frame with this head takes in the file. */
export function frameBytes(head: FrameHead): number {
  return FRAME_HEAD_BYTES + head.length + (isClear(head.kind) ? 0 : TAG_BYTES) + DIGEST_BYTES;
}
