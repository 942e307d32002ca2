import { z } from 'zod';
import { ConnectorError } from '../connector-error.ts';

/** A choice is its raw value in version 2, and an object from version 3 on; labels are translated and say nothing. */
const Choice = z.union([z.string(), z.object({ value: z.string() }).transform(({ value }) => value)]);

const Text = z.string().max(1024);

export const UserItem = z.object({
  id: z.guid(),
  username: Text,
  name: Text.nullish(),
  email: Text.nullish(),
  is_active: z.boolean(),
  is_superuser: z.boolean().default(false),
  is_service_account: z.boolean().default(false),
  source: Choice.default('local'),
});
export type UserItem = z.infer<typeof UserItem>;

const Organisation = z.object({ id: z.guid(), name: Text });

export const ProfileItem = UserItem.extend({
  perms: z.array(Text).max(10_000).optional(),
  console_orgs: z.array(Organisation).max(10_000).optional(),
  mfa_level: z.union([z.number(), z.object({})]).optional(),
  lark_id: z.unknown().optional(),
});
export type ProfileItem = z.infer<typeof ProfileItem>;

export const SessionItem = z.object({
  id: z.guid(),
  user_id: Text,
  user: Text.nullish(),
  asset: Text.nullish(),
  account: Text.nullish(),
  /** What the account is called in version 2. */
  system_user: Text.nullish(),
  remote_addr: Text.nullish(),
  protocol: Text.nullish(),
  is_finished: z.boolean(),
  org_id: z.union([z.guid(), z.literal('')]).nullish(),
});
export type SessionItem = z.infer<typeof SessionItem>;

export const WebSessionItem = z.object({
  id: z.union([z.string().max(64), z.number()]),
  user: z.union([Text, z.object({ id: z.guid() })]).nullish(),
});

export const CommandItem = z.object({ user: Text, input: z.string(), session: Text });

/** Reads an answer. Throws ConnectorError when it is not of the shape. */
export function readAs<T extends z.ZodType>(schema: T, body: unknown, what: string): z.infer<T> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new ConnectorError(
    'protocol',
    `${what} has an unknown shape: ${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? ''}`.trim(),
  );
}
