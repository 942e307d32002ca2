import { createHash, verify } from 'node:crypto';
import type { KeyAlgorithm, PublicKey } from './public-keys.ts';
import { WireReader } from './wire-reader.ts';

/** How a client says it signed (RFC 4252 section 7, RFC 8332). */
export interface KeyProof {
  /** Digest for RSA keys; undefined is the refused SHA-1, and what all other keys have. */
  readonly rsaHash: 'sha256' | 'sha512' | undefined;
  /** The bare signature: 64 bytes for Ed25519, DER for ECDSA, the integer for RSA; FIDO keys as in PROTOCOL.u2f. */
  readonly signature: Uint8Array;
  /** What was signed: session identifier and request. */
  readonly signed: Uint8Array;
}

/** Whether the owner of the private key signed exactly this. Never throws, whatever the bytes are. */
export function isProved(publicKey: PublicKey, proof: KeyProof): boolean {
  try {
    return CHECKS[publicKey.algorithm](publicKey, proof);
  } catch {
    // OpenSSL throws on some malformed signatures instead of saying false.
    return false;
  }
}

type Check = (publicKey: PublicKey, proof: KeyProof) => boolean;

const CHECKS: Readonly<Record<KeyAlgorithm, Check>> = {
  'ssh-ed25519': ({ key }, { signature, signed }) =>
    signature.length === 64 && verify(null, signed, key, signature),
  'ecdsa-sha2-nistp256': ({ key }, { signature, signed }) => verify('sha256', signed, key, signature),
  'ecdsa-sha2-nistp384': ({ key }, { signature, signed }) => verify('sha384', signed, key, signature),
  'ecdsa-sha2-nistp521': ({ key }, { signature, signed }) => verify('sha512', signed, key, signature),
  'ssh-rsa': ({ key }, { signature, signed, rsaHash }) =>
    rsaHash !== undefined && verify(rsaHash, signed, key, signature),
  'sk-ssh-ed25519@openssh.com': ({ key, application }, { signature, signed }) => {
    const fido = readFido(signature, 64);
    return fido !== undefined && verify(null, fidoMessage(application, fido, signed), key, fido.signature);
  },
  'sk-ecdsa-sha2-nistp256@openssh.com': ({ key, application }, { signature, signed }) => {
    const fido = readFidoEcdsa(signature);
    if (fido === undefined) return false;
    const message = fidoMessage(application, fido, signed);
    return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, fido.signature);
  },
};

interface FidoSignature {
  readonly signature: Uint8Array;
  /** Flags and counter, as the token signed them. */
  readonly state: Uint8Array;
}

/** Somebody touched the token. Without it, malware on the laptop could sign unnoticed. */
const FLAG_USER_PRESENT = 0x01;

/** OpenSSH PROTOCOL.u2f, "SSH U2F signatures": signature, one byte of flags, four of counter. */
function readFido(bytes: Uint8Array, signatureLength: number): FidoSignature | undefined {
  if (bytes.length !== signatureLength + 5) return undefined;
  const state = bytes.subarray(signatureLength);
  if (((state[0] ?? 0) & FLAG_USER_PRESENT) === 0) return undefined;
  return { signature: bytes.subarray(0, signatureLength), state };
}

/** The ECDSA part is two `mpint`s; OpenSSL takes them as two fixed-width halves. */
function readFidoEcdsa(bytes: Uint8Array): FidoSignature | undefined {
  const reader = new WireReader(bytes);
  const r = reader.positiveInteger(32);
  const s = reader.positiveInteger(32);
  const state = reader.raw(5);
  if (r === undefined || s === undefined || state === undefined || !reader.isDone) return undefined;
  const halves = Buffer.alloc(64);
  halves.set(r, 32 - r.length);
  halves.set(s, 64 - s.length);
  return readFido(Buffer.concat([halves, state]), 64);
}

function fidoMessage(application: string | null, fido: FidoSignature, signed: Uint8Array): Buffer {
  const digest = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
  return Buffer.concat([digest(application ?? ''), fido.state, digest(signed)]);
}
