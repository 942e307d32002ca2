import { z } from 'zod';

/** What was done to send a test mail, step by step, up to the step that failed. */
export const MailTest = z.object({
  accepted: z.boolean(),
  /** What the mail server said at last; null when it did not take the mail. */
  answer: z.string().nullable(),
  steps: z.array(
    z.object({
      name: z.enum(['connect', 'greeting', 'encryption', 'login', 'recipients', 'message']),
      ok: z.boolean(),
      /** What was found, or what went wrong, why, and what to do. */
      detail: z.string(),
    }),
  ),
});
export type MailTest = z.infer<typeof MailTest>;
