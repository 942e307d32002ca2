import { createHash, hash, type KeyObject } from 'node:crypto';
import { encodeEndPayload, type EndPayload } from './end-payload.ts';
import { encodeHeadPayload, HEAD_PAYLOAD_BYTES, type HeadSigner } from './head-payload.ts';
import { writeFrameHead, type StoredKind } from './layout.ts';
import { encryptPayload, PayloadCompressor } from './payload-cipher.ts';

/** A place between two frames: how many there are before, where the next begins, and the digest so far. */
export interface ChainPosition {
  readonly frames: number;
  readonly offset: number;
  readonly digest: Buffer;
}

/** A signed head, as it is anchored in the event stream. */
export interface SignedHead {
  /** Index of the head frame; it signs all frames with a lower one. */
  readonly frame: number;
  /** Where the head frame begins in the file, in bytes. */
  readonly offset: number;
  /** Digest of the frame before: what the signature covers. */
  readonly digest: Buffer;
  readonly signature: Buffer;
  readonly wallMs: number;
  readonly final: boolean;
}

/** Turns content into the bytes of frames, each chained to the one before. */
export class FrameEncoder {
  #position: ChainPosition;
  readonly #compressor = new PayloadCompressor();

  constructor(position: ChainPosition) {
    this.#position = position;
  }

  get position(): ChainPosition {
    return this.#position;
  }

  /** One encrypted frame. The chunks are its content in order, `bytes` in all, at most MAX_PAYLOAD_BYTES. */
  encrypted(
    key: KeyObject,
    kind: Exclude<StoredKind, 'end' | 'head'>,
    atMs: number,
    chunks: readonly Uint8Array[],
    bytes: number,
  ): readonly Buffer[] {
    const shorter = this.#compressor.compress(chunks, bytes);
    const length = shorter?.length ?? bytes;
    const head = writeFrameHead({ length, kind, compressed: shorter !== undefined, atMs });
    const content = shorter === undefined ? gathered(chunks, bytes) : [shorter];
    const { parts, tag } = encryptPayload(key, this.#position.frames, head, content);
    return this.#append([head, ...parts, tag]);
  }

  end(atMs: number, end: EndPayload): readonly Buffer[] {
    const payload = encodeEndPayload(end);
    const head = writeFrameHead({ length: payload.length, kind: 'end', compressed: false, atMs });
    return this.#append([head, payload]);
  }

  head(
    signer: HeadSigner,
    atMs: number,
    fields: { readonly wallMs: number; readonly final: boolean },
  ): { readonly bytes: readonly Buffer[]; readonly signed: SignedHead } {
    const { frames, offset, digest } = this.#position;
    const head = writeFrameHead({ length: HEAD_PAYLOAD_BYTES, kind: 'head', compressed: false, atMs });
    const { payload, signature } = encodeHeadPayload(signer, digest, head, fields);
    return {
      bytes: this.#append([head, payload]),
      signed: { frame: frames, offset, digest, signature, ...fields },
    };
  }

  #append(parts: readonly Buffer[]): readonly Buffer[] {
    const digest = chainDigest(this.#position.digest, parts);
    let bytes = digest.length;
    for (const part of parts) bytes += part.length;
    this.#position = { frames: this.#position.frames + 1, offset: this.#position.offset + bytes, digest };
    return [...parts, digest];
  }
}

function chainDigest(previous: Buffer, parts: readonly Buffer[]): Buffer {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  // Copying a keystroke into one piece is cheaper than a hash object; copying a bulk frame is not.
  if (bytes < 2048) return hash('sha256', Buffer.concat([previous, ...parts]), 'buffer');
  const chain = createHash('sha256').update(previous);
  for (const part of parts) chain.update(part);
  return chain.digest();
}

/** Thousands of tiny chunks as one piece; few large ones as they are. */
function gathered(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  return chunks.length > 1 && bytes < chunks.length * 4096 ? [Buffer.concat(chunks, bytes)] : chunks;
}
