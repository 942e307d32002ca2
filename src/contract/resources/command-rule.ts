import { z } from 'zod';
import { AccountSelector, Name, Selector } from '../names.ts';

export const CommandRuleKind = z.enum(['program', 'regex', 'text']);
export const CommandVerdict = z.enum(['allow', 'deny', 'warn']);

export const CommandRuleInput = z.strictObject({
  name: Name,
  /** 1 to 100, lower first; ties: deny before warn before allow. */
  priority: z.number().int().min(1).max(100).default(50),
  users: z.array(Selector).default(['*']),
  groups: z.array(Selector).default([]),
  assets: z.array(Selector).default(['*']),
  accounts: z.array(AccountSelector).default(['*']),
  kind: CommandRuleKind,
  patterns: z.array(z.string().min(1).max(1024)).min(1).max(500),
  verdict: CommandVerdict,
  message: z.string().max(500).optional(),
});
export type CommandRuleInput = z.infer<typeof CommandRuleInput>;
