import { z } from 'zod';
import { Name } from '../names.ts';

/** A token travels with each request; an access key signs requests, and its secret never travels. */
export const TokenKind = z.enum(['token', 'access-key']);

/** What may be known of a token. The token itself is shown once and kept nowhere. */
export const Token = z.object({
  id: z.uuid(),
  username: Name,
  kind: TokenKind,
  name: z.string().max(128),
  createdAt: z.number().int(),
  expiresAt: z.number().int().nullable(),
  lastUsedAt: z.number().int().nullable(),
});
export type Token = z.infer<typeof Token>;

/** `token` is the token, or the secret of an access key whose id is `id`. */
export const CreatedToken = Token.extend({ token: z.string() });
export type CreatedToken = z.infer<typeof CreatedToken>;
