import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Secret } from '#lib/secret.ts';
import type { TokenRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import { findAccessKey, findTokenByHash } from '#state/token-reader.ts';
import { accessKeyContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import { isSignedBy, isTimely, parseSignature, type SignedRequest } from './request-signature.ts';

/** Marks our tokens for people and for secret scanners. */
const TOKEN_PREFIX = 'pct_';
/** 256 random bits in base64url. */
const TOKEN_FORM = /^pct_[A-Za-z0-9_-]{43}$/;
const LINK_FORM = /^[A-Za-z0-9_-]{43}$/;

/** Something only its holder knows, and the digest under which we remember it. */
export interface IssuedSecret {
  readonly secret: Secret;
  /** SHA-256, hex. The secret has 256 random bits, so a fast digest is as good as a slow one. */
  readonly hash: string;
}

export function issueToken(): IssuedSecret {
  return issued(`${TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`);
}

/** A secret for the path of a one-time link. */
export function issueLinkSecret(): IssuedSecret {
  return issued(randomBytes(32).toString('base64url'));
}

/** The secret of an access key: as long as JumpServer's, so that it fits the fields that programs have for it. */
export function issueAccessKeySecret(): IssuedSecret {
  return issued(randomBytes(27).toString('base64url'));
}

function issued(text: string): IssuedSecret {
  return { secret: new Secret(text), hash: hashSecret(text) };
}

export function hashSecret(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Compares two hex digests; how long it takes says nothing about where they differ. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && left.length > 0 && timingSafeEqual(left, right);
}

export function isLinkSecret(text: string): boolean {
  return LINK_FORM.test(text);
}

/**
 * The token that was presented, when it is ours, not revoked and not expired. Whether its owner may use it now
 * is another question, asked at each request.
 */
export async function findValidToken(
  db: StateReader,
  presented: string,
  now: number,
): Promise<TokenRow | undefined> {
  if (!TOKEN_FORM.test(presented)) return undefined;
  const hash = hashSecret(presented);
  const row = await findTokenByHash(db, hash);
  if (row === undefined || row.sealed !== null || !sameHash(row.hash, hash)) return undefined;
  return isInForce(row, now) ? row : undefined;
}

/** The access key that signed the request, when it is ours, not revoked, not expired, and the request is of now. */
export async function findSigningKey(
  db: StateReader,
  vault: Pick<Vault, 'openText'>,
  request: SignedRequest,
  now: number,
): Promise<TokenRow | undefined> {
  const { authorization } = request.headers;
  const claimed = parseSignature(typeof authorization === 'string' ? authorization : undefined);
  if (claimed === undefined || !isTimely(request, now)) return undefined;
  const row = await findAccessKey(db, claimed.keyId);
  if (row === undefined || !isInForce(row, now)) return undefined;
  return isSignedBy(vault.openText(row.sealed, accessKeyContext(row.id)), request, claimed) ? row : undefined;
}

function isInForce(row: TokenRow, now: number): boolean {
  return row.revokedAt === null && (row.expiresAt === null || row.expiresAt > now);
}
