import { z } from 'zod';
import type { Token } from '../resources/token.ts';
import type { Manner } from './manner.ts';

export const JumpServerAccessKey = z.object({
  id: z.uuid(),
  is_active: z.boolean(),
  date_created: z.string(),
  date_last_used: z.string().nullable(),
  ip_group: z.array(z.string()),
});
export type JumpServerAccessKey = z.infer<typeof JumpServerAccessKey>;

/** The secret is shown this once. */
export const CreatedAccessKey = JumpServerAccessKey.extend({ secret: z.string() });

/** What exists elsewhere and not here is refused, so that nobody believes a key to be bound that is not. */
export const NewAccessKey = z.object({
  is_active: z
    .boolean()
    .refine((value) => value, 'Keys are deleted here instead of switched off.')
    .optional(),
  ip_group: z
    .array(z.string())
    .refine(
      (group) => group.every((one) => one === '*'),
      'Keys are not bound to addresses here; login rules are.',
    )
    .optional(),
});

/** As many as one user may have. */
export const MOST_ACCESS_KEYS = 10;

export function jumpServerAccessKey(
  key: Pick<Token, 'id' | 'createdAt' | 'lastUsedAt'>,
  { date }: Manner,
): JumpServerAccessKey {
  return {
    id: key.id,
    is_active: true,
    date_created: date(key.createdAt),
    date_last_used: key.lastUsedAt === null ? null : date(key.lastUsedAt),
    ip_group: ['*'],
  };
}
