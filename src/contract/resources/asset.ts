import { z } from 'zod';
import { AccountName, Name } from '../names.ts';

/** A host name or an IP address, as in a socket address; never a URL, never a shell word. */
export const HostAddress = z
  .string()
  .regex(/^[A-Za-z0-9:._%-]{1,253}$/, 'must be a host name or an IP address');

const secretFields = {
  password: z.string().max(1024).optional(),
  passwordFile: z.string().optional(),
  privateKey: z.string().max(65_536).optional(),
  privateKeyFile: z.string().optional(),
};

export const AccountInput = z
  .strictObject({ username: AccountName, ...secretFields })
  .refine(
    (value) =>
      [value.password, value.passwordFile, value.privateKey, value.privateKeyFile].filter(
        (one) => one !== undefined,
      ).length <= 1,
    {
      message: 'give one of password, passwordFile, privateKey, privateKeyFile',
    },
  );
export type AccountInput = z.infer<typeof AccountInput>;

/**
 * Fields that are left out stay as they are; a new asset has port 22 and does not trust on first use. Accounts
 * that are not listed stay.
 */
export const AssetInput = z.strictObject({
  name: Name,
  address: HostAddress,
  port: z.number().int().min(1).max(65_535).optional(),
  /** Lines `algorithm base64`, as `ssh-keyscan` prints them without the host. */
  hostKeys: z.array(z.string().max(16_384)).max(16).optional(),
  trustOnFirstUse: z.boolean().optional(),
  accounts: z.array(AccountInput).max(100).default([]),
});
export type AssetInput = z.infer<typeof AssetInput>;

export const AccountView = z.object({
  username: z.string(),
  /** Which kind of secret the vault holds; the secret itself is never shown. */
  secret: z.enum(['none', 'password', 'privateKey']),
  updatedAt: z.number().int(),
});
export type AccountView = z.infer<typeof AccountView>;

export const AssetView = z.object({
  name: z.string(),
  address: z.string(),
  port: z.number().int(),
  trustOnFirstUse: z.boolean(),
  hostKeys: z.array(
    z.object({
      algorithm: z.string(),
      /** Base64 of the wire form (RFC 4253 section 6.6). */
      key: z.string(),
      origin: z.enum(['configured', 'first-use']),
      pinnedAt: z.number().int(),
    }),
  ),
  accounts: z.array(AccountView),
});
export type AssetView = z.infer<typeof AssetView>;
