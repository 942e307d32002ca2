import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { MAX_PAYLOAD_BYTES, TAG_BYTES } from './layout.ts';

const CIPHER = 'aes-256-gcm';
export const DATA_KEY_BYTES = 32;

/** Holding the key as an object costs a quarter of handing its bytes to each cipher (measured: 3.6 and 16 µs). */
export function dataKey(bytes: Uint8Array): KeyObject {
  return createSecretKey(bytes);
}

export interface Encrypted {
  readonly parts: readonly Buffer[];
  readonly tag: Buffer;
}

export function encryptPayload(
  key: KeyObject,
  frameIndex: number,
  frameHead: Uint8Array,
  chunks: readonly Uint8Array[],
): Encrypted {
  const cipher = createCipheriv(CIPHER, key, nonce(frameIndex), { authTagLength: TAG_BYTES });
  cipher.setAAD(frameHead);
  const parts = chunks.map((chunk) => cipher.update(chunk));
  cipher.final();
  return { parts, tag: cipher.getAuthTag() };
}

/** Undefined when the payload was not encrypted under this key, at this place, with this head. */
export function decryptPayload(
  key: KeyObject,
  frameIndex: number,
  frameHead: Uint8Array,
  payload: Uint8Array,
  tag: Uint8Array,
): Buffer | undefined {
  const decipher = createDecipheriv(CIPHER, key, nonce(frameIndex), { authTagLength: TAG_BYTES });
  decipher.setAAD(frameHead);
  decipher.setAuthTag(tag);
  const plain = decipher.update(payload);
  try {
    decipher.final();
    return plain;
  } catch {
    return undefined;
  }
}

/** 96 bits: the frame index. A data key serves one recording, whose encrypted frames never share an index. */
function nonce(frameIndex: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntBE(frameIndex, 6, 6);
  return bytes;
}

const TRY_FROM_BYTES = 4096;
const SKIP_AFTER_POOR_RESULT = 15;
const ZSTD_FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/**
 * Compresses where it pays: terminal text shrinks tenfold and then costs less to hash, encrypt and write than
 * it cost to compress. After a frame that did not halve, the next fifteen are left as they are.
 */
export class PayloadCompressor {
  #skip = 0;

  /** The shorter form, or undefined when the payload stays as it is. */
  compress(chunks: readonly Uint8Array[], bytes: number): Buffer | undefined {
    if (bytes < TRY_FROM_BYTES) return undefined;
    if (this.#skip > 0) {
      this.#skip -= 1;
      return undefined;
    }
    const compressed = zstdCompressSync(inOnePiece(chunks, bytes), ZSTD_FAST);
    if (compressed.length * 2 <= bytes) return compressed;
    this.#skip = SKIP_AFTER_POOR_RESULT;
    return undefined;
  }
}

let scratch: Buffer | undefined;

/** Valid until the next call: one piece of memory for all, because large buffers are dear to make. */
function inOnePiece(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  scratch ??= Buffer.allocUnsafeSlow(MAX_PAYLOAD_BYTES);
  let at = 0;
  for (const chunk of chunks) {
    scratch.set(chunk, at);
    at += chunk.length;
  }
  return scratch.subarray(0, bytes);
}

/** Undefined when it is not a compressed payload, or would grow beyond what a frame may hold. */
export function decompressPayload(payload: Uint8Array): Buffer | undefined {
  try {
    return zstdDecompressSync(payload, { maxOutputLength: MAX_PAYLOAD_BYTES });
  } catch {
    return undefined;
  }
}
