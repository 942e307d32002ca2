import { z } from 'zod';
import { AccountSelector, Name, Selector } from '../names.ts';

/** What a grant can permit. `tunnel` is traffic whose content the gateway cannot see. */
export const GRANT_ACTIONS = ['shell', 'exec', 'sftp', 'scp', 'tunnel'] as const;
export const GrantAction = z.enum(GRANT_ACTIONS);
export type GrantAction = z.infer<typeof GrantAction>;

export const GrantMode = z.enum(['observe', 'guard', 'strict']);
export type GrantMode = z.infer<typeof GrantMode>;

export const GrantInput = z.strictObject({
  name: Name,
  users: z.array(Selector).default([]),
  groups: z.array(Selector).default([]),
  assets: z.array(Selector),
  accounts: z.array(AccountSelector),
  actions: z.array(GrantAction).min(1),
  mode: GrantMode.default('guard'),
  /** Permits nothing to a login without a second factor. */
  secondFactor: z.boolean().default(false),
});
export type GrantInput = z.infer<typeof GrantInput>;
