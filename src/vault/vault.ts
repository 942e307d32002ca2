import type { Secret } from '#lib/secret.ts';

/**
 * Encrypts secrets at rest (AES-256-GCM) under a named master key. The context is bound in as additional
 * data: what was sealed for one row cannot be opened as another.
 */
export interface Vault {
  seal(secret: Secret | Secret<Uint8Array>, context: string): string;
  openText(sealed: string, context: string): Secret;
  openBytes(sealed: string, context: string): Secret<Uint8Array>;
  /** True when the sealed text is under an older master key and should be sealed anew. */
  needsRekey(sealed: string): boolean;
}
