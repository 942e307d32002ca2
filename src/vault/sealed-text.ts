/**
 * The text form of a sealed secret: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two base64url.
 * AES-256-GCM with a 96-bit random nonce and a 128-bit tag (NIST SP 800-38D).
 */
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
const VERSION = 'v1';
/** A sealed secret is a password, a private key or a data key; a larger text was never made by us. */
const MAX_CHARACTERS = 1_048_576;
const FORM = /^v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})$/;

export interface SealedParts {
  readonly keyId: string;
  readonly nonce: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

export function formatSealed(parts: SealedParts): string {
  const body = Buffer.concat([parts.ciphertext, parts.tag]).toString('base64url');
  return `${VERSION}.${parts.keyId}.${Buffer.from(parts.nonce).toString('base64url')}.${body}`;
}

/** Undefined when the text is not a sealed secret in a version that we know. */
export function parseSealed(text: string): SealedParts | undefined {
  if (text.length > MAX_CHARACTERS) return undefined;
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, keyId = '', nonceText = '', bodyText = ''] = match;
  const body = Buffer.from(bodyText, 'base64url');
  // One text for one value: base64url tolerates stray bits in the last character, we do not.
  if (body.length < TAG_BYTES || body.toString('base64url') !== bodyText) return undefined;
  return {
    keyId,
    nonce: Buffer.from(nonceText, 'base64url'),
    ciphertext: body.subarray(0, body.length - TAG_BYTES),
    tag: body.subarray(body.length - TAG_BYTES),
  };
}

/** The key under which a text was sealed, without opening it; undefined when it is not a sealed text. */
export function sealedKeyId(text: string): string | undefined {
  return parseSealed(text)?.keyId;
}
