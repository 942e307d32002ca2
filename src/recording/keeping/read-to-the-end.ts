import type { KeyObject } from 'node:crypto';
import { decodeEndPayload, type EndPayload } from '../format/end-payload.ts';
import type { ChainPosition, SignedHead } from '../format/encoder.ts';
import { decodeHeadPayload, isHeadSignedBy, SIGNATURE_BYTES } from '../format/head-payload.ts';
import { isClear } from '../format/layout.ts';
import { decryptPayload } from '../format/payload-cipher.ts';
import { isFrame, type FrameScanner, type ScannedFrame } from '../format/scan.ts';

/** What stands in the file of a recording that nobody closed. */
export interface FoundEnd {
  /** After the last frame that is whole and ours. */
  readonly position: ChainPosition;
  readonly durationMs: number;
  /** Bytes behind it. */
  readonly tailBytes: number;
  /** Why they are none of ours; empty when the file simply ends within a frame. */
  readonly damage: string;
  readonly end: EndPayload | undefined;
  /** The final signature, when it is there. */
  readonly final: SignedHead | undefined;
}

/**
 * Follows the chain to the last good frame. Each frame must also open with the data key and each signature
 * must be ours: while the server was down somebody without the keys could have written frames of his own.
 */
export async function readToTheEnd(
  scan: FrameScanner,
  fileBytes: number,
  keys: { readonly data: KeyObject | undefined; readonly signer: KeyObject },
): Promise<FoundEnd> {
  let position = scan.position;
  let durationMs = 0;
  let end: EndPayload | undefined;
  let final: SignedHead | undefined;
  const found = (damage: string): FoundEnd => ({
    position,
    durationMs,
    tailBytes: fileBytes - position.offset,
    damage,
    end,
    final,
  });
  for (;;) {
    const item = await scan.next();
    if (!isFrame(item)) return found(item.state === 'broken' ? item.what : '');
    if (final !== undefined) return found('something follows the final signature');
    if (!isOurs(item, keys)) return found('a frame was not written by this server');
    if (item.head.kind === 'end') end = decodeEndPayload(item.payload);
    else if (item.head.kind === 'head') final = finalHead(item);
    durationMs = item.head.atMs;
    position = scan.position;
  }
}

function isOurs(
  frame: ScannedFrame,
  keys: { readonly data: KeyObject | undefined; readonly signer: KeyObject },
): boolean {
  const { head, headBytes, index, payload, previousDigest, tag } = frame;
  if (head.kind === 'head') {
    return (
      decodeHeadPayload(payload) !== undefined &&
      isHeadSignedBy(keys.signer, previousDigest, headBytes, payload)
    );
  }
  if (isClear(head.kind) || keys.data === undefined) return true;
  return decryptPayload(keys.data, index, headBytes, payload, tag) !== undefined;
}

function finalHead(frame: ScannedFrame): SignedHead | undefined {
  const fields = decodeHeadPayload(frame.payload);
  if (fields?.final !== true) return undefined;
  return {
    frame: frame.index,
    offset: frame.offset,
    digest: frame.previousDigest,
    signature: frame.payload.subarray(frame.payload.length - SIGNATURE_BYTES),
    ...fields,
  };
}
