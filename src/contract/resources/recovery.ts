import { z } from 'zod';

export const Recovery = z.object({
  id: z.uuid(),
  username: z.string(),
  state: z.string(),
  /** Where the one-time link went: the address as it stood before the episode. */
  mailAddress: z.string(),
  requestedBy: z.string(),
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
  completedAt: z.number().int().nullable(),
  steps: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      at: z.number().int().nullable(),
      detail: z.string().nullable(),
      /** When a step that failed is tried again; null when it is not. */
      nextAt: z.number().int().nullable(),
    }),
  ),
});
export type Recovery = z.infer<typeof Recovery>;
