import { z } from 'zod';

export const AppliedObject = z.object({
  kind: z.enum(['user', 'group', 'asset', 'account', 'grant', 'login-rule', 'command-rule']),
  name: z.string(),
});
export type AppliedObject = z.infer<typeof AppliedObject>;

/** What `apply` did, or with a dry run would do. Running it again reports everything as unchanged. */
export const ApplyResult = z.object({
  created: z.array(AppliedObject),
  updated: z.array(AppliedObject),
  unchanged: z.array(AppliedObject),
});
export type ApplyResult = z.infer<typeof ApplyResult>;
