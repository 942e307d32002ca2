import { createPublicKey, verify, type KeyObject } from 'node:crypto';

/**
 * The payload of a `head` frame: wall clock (u48) ‖ 1 when it is the last one, else 0 ‖ Ed25519 signature
 * over a fixed text, the digest before the frame, the head of the frame and the two fields. The digest chain
 * makes it a signature over every byte before, the identity of the recording included.
 */
const CONTEXT = Buffer.from('portcullis recording head v1\0', 'latin1');
const FIELD_BYTES = 7;
export const SIGNATURE_BYTES = 64;
export const HEAD_PAYLOAD_BYTES = FIELD_BYTES + SIGNATURE_BYTES;

export interface HeadFields {
  readonly wallMs: number;
  readonly final: boolean;
}

/** Signs with the key of this installation. */
export interface HeadSigner {
  /** Base64url of the 32 bytes of the Ed25519 public key. */
  readonly publicKey: string;
  sign(data: Uint8Array): Buffer;
}

export function encodeHeadPayload(
  signer: HeadSigner,
  previousDigest: Uint8Array,
  frameHead: Uint8Array,
  fields: HeadFields,
): { readonly payload: Buffer; readonly signature: Buffer } {
  const encoded = encodeFields(fields);
  const signature = signer.sign(Buffer.concat([CONTEXT, previousDigest, frameHead, encoded]));
  return { payload: Buffer.concat([encoded, signature]), signature };
}

export function decodeHeadPayload(payload: Buffer): HeadFields | undefined {
  if (payload.length !== HEAD_PAYLOAD_BYTES) return undefined;
  const final = payload.readUInt8(6);
  return final > 1 ? undefined : { wallMs: payload.readUIntBE(0, 6), final: final === 1 };
}

export function isHeadSignedBy(
  publicKey: KeyObject,
  previousDigest: Uint8Array,
  frameHead: Uint8Array,
  payload: Buffer,
): boolean {
  const signed = Buffer.concat([CONTEXT, previousDigest, frameHead, payload.subarray(0, FIELD_BYTES)]);
  return verify(null, signed, publicKey, payload.subarray(FIELD_BYTES));
}

/** From the form in which headers and settings hold it. */
export function signerPublicKey(base64url: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: base64url }, format: 'jwk' });
}

function encodeFields(fields: HeadFields): Buffer {
  const bytes = Buffer.alloc(FIELD_BYTES);
  bytes.writeUIntBE(fields.wallMs, 0, 6);
  bytes[6] = fields.final ? 1 : 0;
  return bytes;
}
