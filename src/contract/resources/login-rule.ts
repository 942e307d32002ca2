import { z } from 'zod';
import { Name, Selector } from '../names.ts';

export const LoginRuleInput = z.strictObject({
  name: Name,
  /** 1 to 100, lower first. Among all rules that match, block wins over allow. */
  priority: z.number().int().min(1).max(100).default(50),
  users: z.array(Selector).default(['*']),
  groups: z.array(Selector).default([]),
  /** Addresses or CIDR ranges; empty means any. */
  addresses: z.array(z.string().max(64)).default([]),
  action: z.enum(['block', 'allow']),
});
export type LoginRuleInput = z.infer<typeof LoginRuleInput>;
