import { createHmac } from 'node:crypto';
import type { Secret } from '#lib/secret.ts';

/** With what right the API is called. */
export type Credential =
  | { readonly kind: 'token'; readonly token: Secret }
  | { readonly kind: 'access-key'; readonly id: string; readonly secret: Secret };

/**
 * The headers that say who calls. An access key signs method, path with query, and date (HTTP signatures, draft
 * cavage 12 section 2.3, HMAC-SHA256): the target must be exactly what is sent.
 */
export function authorize(
  credential: Credential,
  request: { readonly method: string; readonly target: string; readonly nowMs: number },
): Readonly<Record<string, string>> {
  const date = new Date(request.nowMs).toUTCString();
  if (credential.kind === 'token') return { Authorization: `Token ${credential.token.expose()}`, Date: date };
  const text = `(request-target): ${request.method.toLowerCase()} ${request.target}\ndate: ${date}`;
  const signature = createHmac('sha256', credential.secret.expose()).update(text).digest('base64');
  return {
    Authorization: `Signature keyId="${credential.id}",algorithm="hmac-sha256",headers="(request-target) date",signature="${signature}"`,
    Date: date,
  };
}
