import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '#lib/secret.ts';

/** What is signed of a request, as it came. */
export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as they were sent. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface RequestSignature {
  readonly keyId: string;
  /** Lower-case names, in the order in which they are signed. */
  readonly headers: readonly string[];
  readonly signature: Buffer;
}

/** Longest header that is read; a signature of SHA-256 has 44 characters. */
const MAX_LENGTH = 1_024;
const MAX_HEADERS = 10;
/** How far the clock of a client may be off. A signature is good for that long, so requests belong into TLS. */
const MAX_SKEW_MS = 5 * 60_000;
const REQUIRED = ['(request-target)', 'date'];
const PARAMETER = /(?:^|,)\s*([a-zA-Z]+)="([^"]*)"/g;

/**
 * Reads `Signature keyId="…",algorithm="hmac-sha256",headers="(request-target) date",signature="…"`
 * (draft-cavage-http-signatures-12 section 2.1, as JumpServer's access keys use it). Undefined when it is not one,
 * or signs less than target and date.
 */
export function parseSignature(authorization: string | undefined): RequestSignature | undefined {
  if (authorization === undefined || authorization.length > MAX_LENGTH) return undefined;
  const [, parameters] = /^Signature +(.*)$/is.exec(authorization) ?? [];
  if (parameters === undefined) return undefined;
  const values = new Map(
    [...parameters.matchAll(PARAMETER)].map(([, name = '', value = '']) => [name.toLowerCase(), value]),
  );
  const keyId = values.get('keyid');
  const signature = values.get('signature');
  const headers = (values.get('headers') ?? 'date').toLowerCase().split(' ').filter(Boolean);
  const algorithm = values.get('algorithm') ?? 'hmac-sha256';
  if (keyId === undefined || signature === undefined || algorithm.toLowerCase() !== 'hmac-sha256')
    return undefined;
  if (headers.length > MAX_HEADERS || !REQUIRED.every((name) => headers.includes(name))) return undefined;
  return { keyId, headers, signature: Buffer.from(signature, 'base64') };
}

/** Whether the date of the request is near enough to ours. */
export function isTimely(request: SignedRequest, nowMs: number): boolean {
  const { date } = request.headers;
  const dateMs = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Math.abs(dateMs - nowMs) <= MAX_SKEW_MS;
}

/** Whether whoever has the secret signed this request. */
export function isSignedBy(secret: Secret, request: SignedRequest, claimed: RequestSignature): boolean {
  const lines = claimed.headers.map((name) => {
    if (name === '(request-target)') return `${name}: ${request.method.toLowerCase()} ${request.target}`;
    const value = request.headers[name];
    return `${name}: ${typeof value === 'string' ? value : (value ?? []).join(', ')}`;
  });
  const expected = createHmac('sha256', secret.expose()).update(lines.join('\n')).digest();
  return expected.length === claimed.signature.length && timingSafeEqual(expected, claimed.signature);
}
