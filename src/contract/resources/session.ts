import { z } from 'zod';

/** A session of a user on an asset, live or past; while a person is still in the menu it has no asset. */
export const Session = z.object({
  id: z.string(),
  username: z.string(),
  asset: z.string().nullable(),
  account: z.string().nullable(),
  protocol: z.string(),
  address: z.string(),
  port: z.number().int(),
  clientSoftware: z.string().nullable(),
  grant: z.string().nullable(),
  state: z.enum(['setup', 'menu', 'active', 'ended']),
  /** What runs, as far as the gateway knows: channel kinds and commands. */
  channels: z.array(z.string()),
  startedAt: z.number().int(),
  endedAt: z.number().int().nullable(),
  endReason: z.string().nullable(),
});
export type Session = z.infer<typeof Session>;

/** How far a containment got: which sessions are gone, which gateways have not answered. */
export const Containment = z.object({
  state: z.enum(['contained', 'unconfirmed']),
  cut: z.array(z.string()),
  unconfirmed: z.array(z.string()),
});
export type Containment = z.infer<typeof Containment>;
