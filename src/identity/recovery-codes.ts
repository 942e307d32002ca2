import { randomBytes } from 'node:crypto';
import { Secret } from '#lib/secret.ts';
import { toBase32 } from './base32.ts';
import { hashSecret } from './tokens.ts';

/** How many a person gets. */
const CODES = 10;
/** 80 bits: the stored digest of a code cannot be turned back into it by trying. */
const CODE_BYTES = 10;
const CODE_FORM = /^[a-z2-7]{16}$/;

/** A code for when the authenticator is lost, as `abcd-efgh-ijkl-mnop`, and the digest under which it is kept. */
export interface RecoveryCode {
  readonly code: Secret;
  readonly hash: string;
}

export function issueRecoveryCodes(): readonly RecoveryCode[] {
  return Array.from({ length: CODES }, () => {
    const plain = toBase32(randomBytes(CODE_BYTES)).toLowerCase();
    const code = plain.replaceAll(/(.{4})(?=.)/g, '$1-');
    return { code: new Secret(code), hash: hashSecret(plain) };
  });
}

/** The digest of what may be a recovery code, however it was typed. Undefined when it cannot be one. */
export function recoveryCodeHash(typed: string): string | undefined {
  const plain = typed.toLowerCase().replaceAll(/[\s-]/g, '');
  return CODE_FORM.test(plain) ? hashSecret(plain) : undefined;
}
