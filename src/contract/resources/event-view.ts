import { z } from 'zod';
import { Json } from '../json.ts';
import { SEVERITIES } from '../severity.ts';

/** An event as the API shows it: the fields of `EventRecord`. */
export const EventView = z.object({
  id: z.string(),
  time: z.number().int(),
  seen: z.number().int(),
  type: z.string(),
  code: z.string(),
  severity: z.enum(SEVERITIES),
  outcome: z.enum(['success', 'failure', 'unknown']),
  source: z.string(),
  realm: z.string(),
  actor: z.string().optional(),
  user: z.string().optional(),
  address: z.string().optional(),
  port: z.number().int().optional(),
  asset: z.string().optional(),
  account: z.string().optional(),
  session: z.string().optional(),
  channel: z.string().optional(),
  command: z.string().optional(),
  offense: z.string().optional(),
  message: z.string().optional(),
  raw: z.string().optional(),
  data: z.record(z.string(), Json),
});
export type EventView = z.infer<typeof EventView>;
