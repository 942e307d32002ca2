import { z } from 'zod';
import { ApplyDocument } from '../apply-document.ts';
import { ApplyResult } from '../resources/apply-result.ts';
import { DoctorReport } from '../resources/doctor-report.ts';
import { MailTest } from '../resources/mail-test.ts';
import { ADMINS, READERS, defineRoute } from './route.ts';

const tag = 'system';

export const SYSTEM_ROUTES = {
  apply: defineRoute({
    method: 'POST',
    path: '/v1/apply',
    tag,
    summary: 'Create and update objects as a document says: all or nothing, idempotent.',
    callers: ADMINS,
    query: z.strictObject({ dryRun: z.enum(['true', 'false']).default('false') }),
    body: ApplyDocument,
    // A document holds the keys of a whole company.
    maxBodyBytes: 16 * 1024 * 1024,
    response: ApplyResult,
  }),
  rekeyVault: defineRoute({
    method: 'POST',
    path: '/v1/vault/rekey',
    tag,
    summary: 'Seal every secret anew under a new master key.',
    callers: ADMINS,
    body: z.strictObject({
      /** False when the new key was put into the environment by hand. */
      newKey: z.boolean().default(true),
      /** True forgets older keys that nothing needs any more. Backups made before need them still. */
      retire: z.boolean().default(false),
    }),
    response: z.object({
      /** Secrets sealed anew, by place. */
      resealed: z.record(z.string(), z.number().int()),
      /** Master keys that are still needed. */
      keysInUse: z.array(z.string()),
      retired: z.array(z.string()),
    }),
  }),
  testMail: defineRoute({
    method: 'POST',
    path: '/v1/mail/test',
    tag,
    summary: 'Send a test mail and tell each step: what the mail server answered, or what failed and why.',
    callers: ADMINS,
    body: z.strictObject({ to: z.email().max(254) }),
    response: MailTest,
  }),
  getDoctorReport: defineRoute({
    method: 'GET',
    path: '/v1/doctor',
    tag,
    summary: 'What is well and what is not, and what to do about it.',
    callers: READERS,
    response: DoctorReport,
  }),
  getHealth: defineRoute({
    method: 'GET',
    path: '/healthz',
    tag,
    summary: 'Whether the server is ready. Says nothing more, because anybody may ask.',
    callers: 'anybody',
    response: z.object({ status: z.literal('ok') }),
  }),
} as const;
