import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { err, ok, type Result } from '#lib/result.ts';
import { WireReader } from './wire-reader.ts';

export const KEY_ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;
export type KeyAlgorithm = (typeof KEY_ALGORITHMS)[number];

/** A public key that is sound: known type, canonical encoding, strong enough. */
export interface PublicKey {
  readonly algorithm: KeyAlgorithm;
  /** Wire form (RFC 4253 section 6.6), canonical: equal keys have equal blobs. */
  readonly blob: Buffer;
  /** `SHA256:…` as OpenSSH prints it. */
  readonly fingerprint: string;
  readonly key: KeyObject;
  /** FIDO keys: the application the key is bound to, e.g. `ssh:`. */
  readonly application: string | null;
}

/** Why a key is not accepted, in words for the person who gave it. */
export type KeyProblem = string;

const RSA_MIN_BITS = 2048;
const RSA_MAX_BITS = 8192;
const MAX_BLOB_BYTES = 4096;
/** OpenSSL wants odd exponents above one; more than 64 bits only buys an attacker our time. */
const RSA_MAX_EXPONENT_BYTES = 8;

const CURVES = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', jwk: 'P-256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', jwk: 'P-384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', jwk: 'P-521', bytes: 66 },
  'sk-ecdsa-sha2-nistp256@openssh.com': { name: 'nistp256', jwk: 'P-256', bytes: 32 },
} as const;

/** `SHA256:` and the unpadded base64 of the digest, as `ssh-keygen -l` prints it. */
export function keyFingerprint(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replaceAll('=', '')}`;
}

/** Reads a key in wire form. The cost is small and the same for any bytes of any length. */
export function parsePublicKey(blob: Uint8Array): Result<PublicKey, KeyProblem> {
  if (blob.length > MAX_BLOB_BYTES) return err('the key is too long');
  const reader = new WireReader(blob);
  const name = reader.ascii(64);
  if (name === undefined) return err('the key cannot be read');
  const algorithm = KEY_ALGORITHMS.find((known) => known === name);
  if (algorithm === undefined) return err(unsupported(name));
  const body = READERS[algorithm](reader);
  if (!body.ok) return body;
  if (!reader.isDone) return err('the key has bytes left over');
  const key = importKey(body.value.jwk);
  if (key === undefined) return err('the key is not a valid point or modulus');
  const own = Buffer.from(blob);
  const { application } = body.value;
  return ok({ algorithm, blob: own, fingerprint: keyFingerprint(own), key, application });
}

interface KeyBody {
  readonly jwk: JsonWebKey;
  readonly application: string | null;
}

const READERS: Readonly<Record<KeyAlgorithm, (reader: WireReader) => Result<KeyBody, KeyProblem>>> = {
  'ssh-ed25519': (reader) => readEd25519(reader, false),
  'sk-ssh-ed25519@openssh.com': (reader) => readEd25519(reader, true),
  'ecdsa-sha2-nistp256': (reader) => readEcdsa('ecdsa-sha2-nistp256', reader, false),
  'ecdsa-sha2-nistp384': (reader) => readEcdsa('ecdsa-sha2-nistp384', reader, false),
  'ecdsa-sha2-nistp521': (reader) => readEcdsa('ecdsa-sha2-nistp521', reader, false),
  'sk-ecdsa-sha2-nistp256@openssh.com': (reader) =>
    readEcdsa('sk-ecdsa-sha2-nistp256@openssh.com', reader, true),
  'ssh-rsa': readRsa,
};

/** RFC 8709 section 4; FIDO form: OpenSSH PROTOCOL.u2f. */
function readEd25519(reader: WireReader, hasApplication: boolean): Result<KeyBody, KeyProblem> {
  const point = reader.bytes(32);
  const application = hasApplication ? reader.ascii(256) : null;
  if (point?.length !== 32 || application === undefined) return err('the key cannot be read');
  return ok({ jwk: { kty: 'OKP', crv: 'Ed25519', x: base64Url(point) }, application });
}

/** RFC 5656 section 3.1; only uncompressed points, so that a key has one encoding. */
function readEcdsa(
  algorithm: keyof typeof CURVES,
  reader: WireReader,
  hasApplication: boolean,
): Result<KeyBody, KeyProblem> {
  const curve = CURVES[algorithm];
  const curveName = reader.ascii(64);
  const point = reader.bytes(1 + 2 * curve.bytes);
  const application = hasApplication ? reader.ascii(256) : null;
  if (point === undefined || application === undefined) return err('the key cannot be read');
  if (curveName !== curve.name) return err('the curve does not fit the key type');
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) return err('the key cannot be read');
  const x = base64Url(point.subarray(1, 1 + curve.bytes));
  const y = base64Url(point.subarray(1 + curve.bytes));
  return ok({ jwk: { kty: 'EC', crv: curve.jwk, x, y }, application });
}

/** RFC 4253 section 6.6. */
function readRsa(reader: WireReader): Result<KeyBody, KeyProblem> {
  const exponent = reader.positiveInteger(RSA_MAX_EXPONENT_BYTES);
  const modulus = exponent && reader.positiveInteger(RSA_MAX_BITS / 8);
  if (exponent === undefined || modulus === undefined) {
    return err(`the RSA key cannot be read, or is longer than ${RSA_MAX_BITS} bits`);
  }
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < RSA_MIN_BITS) return err(`RSA keys need ${RSA_MIN_BITS} bits, this one has ${bits}`);
  const isOdd = (bytes: Uint8Array): boolean => ((bytes.at(-1) ?? 0) & 1) === 1;
  const isOne = exponent.length === 1 && exponent[0] === 1;
  if (!isOdd(exponent) || isOne || !isOdd(modulus)) return err('the RSA key is not sound');
  return ok({ jwk: { kty: 'RSA', e: base64Url(exponent), n: base64Url(modulus) }, application: null });
}

function importKey(jwk: JsonWebKey): KeyObject | undefined {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function unsupported(name: string): KeyProblem {
  if (name === 'ssh-dss') return 'DSA keys are not accepted; make an Ed25519 key: ssh-keygen -t ed25519';
  if (name.includes('-cert-')) return 'certificates are not accepted; give the plain public key';
  return 'the key type is not supported; make an Ed25519 key: ssh-keygen -t ed25519';
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
