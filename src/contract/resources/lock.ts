import { z } from 'zod';

export const LOCK_TARGETS = [
  'user',
  'group',
  'asset',
  'account',
  'address',
  'key',
  'session',
  'gateway',
  'foreign-user',
] as const;
export const LockTargetKind = z.enum(LOCK_TARGETS);
export type LockTargetKind = z.infer<typeof LockTargetKind>;

/** deny: nothing new opens. freeze: typed input is held too. cut: live sessions end too. */
export const LockMode = z.enum(['deny', 'freeze', 'cut']);
export type LockMode = z.infer<typeof LockMode>;

export const Lock = z.object({
  id: z.uuid(),
  targetKind: LockTargetKind,
  /** User name, group name, asset name, `account@asset`, address or CIDR, key fingerprint, session id, `*`, or `realm:name`. */
  target: z.string().min(1).max(256),
  mode: LockMode,
  reason: z.string().max(500),
  owner: z.string().max(128),
  offenseId: z.uuid().nullable(),
  createdAt: z.number().int(),
  expiresAt: z.number().int().nullable(),
});
export type Lock = z.infer<typeof Lock>;
