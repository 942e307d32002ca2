import { z } from 'zod';
import { Name } from './names.ts';
import { AssetInput } from './resources/asset.ts';
import { CommandRuleInput } from './resources/command-rule.ts';
import { GrantInput } from './resources/grant.ts';
import { LoginRuleInput } from './resources/login-rule.ts';
import { Language, PublicKeyLine, Role, UserKind } from './resources/user.ts';

/** Fields that are left out stay as they are; a new user is a person with the role user who reads English. */
export const UserInput = z
  .strictObject({
    username: Name,
    name: z.string().max(128).optional(),
    email: z.email().max(254).optional(),
    kind: UserKind.optional(),
    roles: z.array(Role).max(4).optional(),
    language: Language.optional(),
    password: z.string().min(1).max(1024).optional(),
    /** Only for the command line, which reads the file and sends its content. */
    passwordFile: z.string().optional(),
    publicKeys: z.array(PublicKeyLine).max(50).optional(),
    /** Whether the user must have a second factor. */
    secondFactor: z.boolean().optional(),
  })
  .refine((user) => user.password === undefined || user.passwordFile === undefined, {
    message: 'give password or passwordFile, not both',
  });
export type UserInput = z.infer<typeof UserInput>;

/** `users` is the complete list of members; left out, the members stay. */
export const GroupInput = z.strictObject({
  name: Name,
  users: z.array(Name).max(10_000).optional(),
  /** Whether every member must have a second factor. */
  secondFactor: z.boolean().optional(),
});
export type GroupInput = z.infer<typeof GroupInput>;

/** What `portcullis apply -f` takes: all or nothing, idempotent; what is not mentioned stays as it is. */
export const ApplyDocument = z.strictObject({
  users: z.array(UserInput).default([]),
  groups: z.array(GroupInput).default([]),
  assets: z.array(AssetInput).default([]),
  grants: z.array(GrantInput).default([]),
  loginRules: z.array(LoginRuleInput).default([]),
  commandRules: z.array(CommandRuleInput).prefault([]),
});
export type ApplyDocument = z.infer<typeof ApplyDocument>;
