import { z } from 'zod';
import { CutSession, PlannedAction } from './offense.ts';

/** What an action would do with given values. Nothing was done, except that a mail was sent if that was asked. */
export const ActionTrial = z.object({
  action: z.string(),
  target: z.string(),
  /** What was read first, and would be kept. */
  before: z.object({
    /** Ids of locks in force. */
    locks: z.array(z.string()),
    sessions: z.array(CutSession.omit({ episode: true })),
  }),
  state: PlannedAction.shape.state,
  /** What would be done, in one sentence. */
  summary: z.string(),
  /** What would replace the action by something milder. */
  objections: z.array(z.object({ guard: z.string(), why: z.string() })),
  mail: z.object({ to: z.array(z.string()), subject: z.string(), text: z.string() }).nullable(),
  /** What the mail server answered; null when nothing was sent. */
  sent: z.string().nullable(),
});
export type ActionTrial = z.infer<typeof ActionTrial>;
