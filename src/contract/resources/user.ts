import { z } from 'zod';
import { Name } from '../names.ts';

export const ROLES = ['admin', 'responder', 'auditor', 'user'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const UserKind = z.enum(['person', 'service']);
export const Language = z.enum(['en', 'zh']);
export type Language = z.infer<typeof Language>;

export const User = z.object({
  id: z.uuid(),
  username: Name,
  name: z.string().max(128),
  email: z.email().max(254).nullable(),
  kind: UserKind,
  roles: z.array(Role),
  groups: z.array(Name),
  language: Language,
  hasPassword: z.boolean(),
  secondFactor: z.object({
    enrolled: z.boolean(),
    /** Demanded of this user, or of a group of theirs. */
    required: z.boolean(),
  }),
  /** False while a user lock is in force. */
  isActive: z.boolean(),
  createdAt: z.number().int(),
});
export type User = z.infer<typeof User>;

/** One line of an OpenSSH `authorized_keys` file, without options. */
export const PublicKeyLine = z.string().min(16).max(16_384);

export const UserKey = z.object({
  algorithm: z.string(),
  /** `SHA256:…` as OpenSSH prints it. */
  fingerprint: z.string(),
  comment: z.string(),
  /** True until its owner confirms it again during recovery. */
  suspended: z.boolean(),
  createdAt: z.number().int(),
});
export type UserKey = z.infer<typeof UserKey>;

/** Shortest password anybody can set for themselves. */
export const MIN_PASSWORD_LENGTH = 12;
export const NewPassword = z.string().min(MIN_PASSWORD_LENGTH).max(1024);
