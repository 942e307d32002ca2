import { z } from 'zod';
import { Name } from '../names.ts';

export const Group = z.object({
  name: Name,
  users: z.array(Name),
  /** Every member must have a second factor. */
  secondFactor: z.boolean(),
  createdAt: z.number().int(),
});
export type Group = z.infer<typeof Group>;
