import { z } from 'zod';

/** What was done at a foreign bastion so that its user may come back. */
export const ForeignRecovery = z.object({
  /** The realm. */
  connector: z.string(),
  username: z.string(),
  /** In order; each was carried out. */
  steps: z.array(z.string()),
  /** Locks that were ended; the account is enabled within seconds. */
  locks: z.array(z.uuid()),
});
export type ForeignRecovery = z.infer<typeof ForeignRecovery>;
