import { z } from 'zod';
import { Name } from '../names.ts';

/** What may be known of a token. The token itself is shown once and kept nowhere. */
export const Token = z.object({
  id: z.uuid(),
  username: Name,
  name: z.string().max(128),
  createdAt: z.number().int(),
  expiresAt: z.number().int().nullable(),
  lastUsedAt: z.number().int().nullable(),
});
export type Token = z.infer<typeof Token>;

export const CreatedToken = Token.extend({ token: z.string() });
export type CreatedToken = z.infer<typeof CreatedToken>;
