import { hash } from 'node:crypto';
import { z } from 'zod';
import { DIGEST_BYTES, HEADER_FIXED_BYTES, MAGIC, MAX_HEADER_JSON_BYTES } from './layout.ts';

/** What anybody may know of a recording. Who and what stands encrypted in the first frame. */
const RecordingHeader = z.strictObject({
  recording: z.uuid(),
  /** Wall clock at the start, epoch milliseconds. */
  startedAt: z.int().min(0),
  /** Ed25519 public key that signs the heads: base64url of its 32 bytes. */
  signer: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type RecordingHeader = z.infer<typeof RecordingHeader>;

export function encodeHeader(header: RecordingHeader): { readonly bytes: Buffer; readonly digest: Buffer } {
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  const content = Buffer.concat([MAGIC, length, json]);
  const digest = hash('sha256', content, 'buffer');
  return { bytes: Buffer.concat([content, digest]), digest };
}

export type HeaderReading =
  | {
      readonly state: 'read';
      readonly header: RecordingHeader;
      readonly digest: Buffer;
      readonly bytes: number;
    }
  | { readonly state: 'bad'; readonly what: string };

/** Reads the header from the beginning of a file (at least the first 8 KiB, or all of it). */
export function readHeader(start: Buffer): HeaderReading {
  if (start.length < HEADER_FIXED_BYTES || !start.subarray(0, MAGIC.length).equals(MAGIC)) {
    return { state: 'bad', what: 'this is not a recording: it does not begin as one' };
  }
  const length = start.readUInt32BE(MAGIC.length);
  const end = HEADER_FIXED_BYTES + length;
  if (length > MAX_HEADER_JSON_BYTES || start.length < end + DIGEST_BYTES) {
    return { state: 'bad', what: 'the header has an impossible length' };
  }
  const digest = hash('sha256', start.subarray(0, end), 'buffer');
  if (!digest.equals(start.subarray(end, end + DIGEST_BYTES))) {
    return { state: 'bad', what: 'the header does not have its checksum' };
  }
  const header = RecordingHeader.safeParse(parseJson(start.toString('utf8', HEADER_FIXED_BYTES, end)));
  if (!header.success) return { state: 'bad', what: 'the header has an unknown content' };
  return { state: 'read', header: header.data, digest, bytes: end + DIGEST_BYTES };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
