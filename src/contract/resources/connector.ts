import { z } from 'zod';
import { DoctorCheck } from './doctor-report.ts';

/** A foreign bastion that is acted on. */
export const ConnectorView = z.object({
  /** The realm of its users. */
  name: z.string(),
  kind: z.string(),
  url: z.string(),
});
export type ConnectorView = z.infer<typeof ConnectorView>;

/** A right at the foreign bastion, and what it is needed for. */
export const ConnectorPermission = z.object({
  name: z.string(),
  purpose: z.string(),
  /** null when the server does not tell. */
  granted: z.boolean().nullable(),
});
export type ConnectorPermission = z.infer<typeof ConnectorPermission>;

/** What a look at a foreign bastion found. Nothing was changed there. */
export const ConnectorReport = ConnectorView.extend({
  /** True when people there can be contained. */
  usable: z.boolean(),
  /** Major version; null when it could not be found out. */
  version: z.number().int().nullable(),
  /** How far its clock is ahead of ours, in milliseconds, to the second; null when it does not tell. */
  clockAheadMs: z.number().int().nullable(),
  checks: z.array(DoctorCheck),
  permissions: z.array(ConnectorPermission),
});
export type ConnectorReport = z.infer<typeof ConnectorReport>;
