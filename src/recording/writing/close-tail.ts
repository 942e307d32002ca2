import type { FileHandle } from 'node:fs/promises';
import { FrameEncoder, type ChainPosition, type SignedHead } from '../format/encoder.ts';
import type { EndPayload } from '../format/end-payload.ts';
import type { HeadSigner } from '../format/head-payload.ts';
import { writeLarge } from './write-all.ts';

export interface ClosedTail {
  readonly position: ChainPosition;
  readonly signed: SignedHead;
}

/**
 * Closes a file whose writer is gone or failed: cuts what stands behind the position, writes how it ended and
 * signs it. Nothing here is encrypted, so no nonce of the data key is ever used twice.
 */
export async function closeTail(
  file: FileHandle,
  position: ChainPosition,
  signer: HeadSigner,
  /** Undefined when the end record stands there already and only the signature is missing. */
  end: EndPayload | undefined,
  times: { readonly atMs: number; readonly wallMs: number },
): Promise<ClosedTail> {
  const encoder = new FrameEncoder(position);
  const parts = end === undefined ? [] : encoder.end(times.atMs, end);
  const head = encoder.head(signer, times.atMs, { wallMs: times.wallMs, final: true });
  await file.truncate(position.offset);
  const bytes = Buffer.concat([...parts, ...head.bytes]);
  await writeLarge(file.fd, [bytes], position.offset, bytes.length);
  await file.datasync();
  return { position: encoder.position, signed: head.signed };
}
