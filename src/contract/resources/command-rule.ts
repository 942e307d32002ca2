import { z } from 'zod';
import { AccountSelector, Name, Selector } from '../names.ts';
import { Role } from './user.ts';

export const CommandRuleKind = z.enum(['program', 'regex', 'text']);
export const CommandVerdict = z.enum(['allow', 'deny', 'warn']);

/** Who is meant: whoever is one of the users, or in one of the groups, or has one of the roles. */
const CommandRuleFields = z.strictObject({
  name: Name,
  /** 1 to 100, lower first; ties: deny before warn before allow. */
  priority: z.number().int().min(1).max(100).default(50),
  users: z
    .array(Selector)
    .optional()
    .describe('Left out: everybody, or, when groups or roles are given, nobody but them.'),
  groups: z.array(Selector).default([]),
  roles: z.array(Role).default([]),
  assets: z.array(Selector).default(['*']),
  accounts: z.array(AccountSelector).default(['*']),
  kind: CommandRuleKind,
  patterns: z.array(z.string().min(1).max(1024)).min(1).max(500),
  verdict: CommandVerdict,
  message: z.string().max(500).optional(),
});

/** Without `users` a rule concerns everybody, or, when groups or roles are given, nobody but them. */
export const CommandRuleInput = CommandRuleFields.transform((rule) => ({
  ...rule,
  users: rule.users ?? (rule.groups.length + rule.roles.length === 0 ? ['*'] : []),
}));
export type CommandRuleInput = z.infer<typeof CommandRuleInput>;

/** A rule as it is stored: complete. */
export const CommandRuleView = z.object({ ...CommandRuleFields.shape, users: z.array(Selector) });

/** What a lint says about a rule. Each line was tried: the finding is about what the rule does, not how it looks. */
export const CommandRuleWarning = z.object({
  code: z.enum([
    'almost-everything',
    'as-argument',
    'part-of-word',
    'opens-line',
    'any-folder',
    'needs-word-before',
    'other-spellings',
    'position',
    'not-a-program',
    'shadowed',
    'dynamic-passes',
    'program-kind',
    'duplicate',
  ]),
  effect: z.enum(['too-much', 'too-little', 'advice']),
  message: z.string(),
  /** Patterns that it is about, each with a line that shows it. Null: no single pattern. */
  examples: z.array(z.object({ pattern: z.string().nullable(), line: z.string() })),
});
export type CommandRuleWarning = z.infer<typeof CommandRuleWarning>;
