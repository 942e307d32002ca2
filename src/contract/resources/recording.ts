import { z } from 'zod';

export const Recording = z.object({
  id: z.uuid(),
  sessionId: z.string(),
  channelId: z.string(),
  kind: z.enum(['shell', 'exec']),
  /** abnormal: the server ended while it was written; it is readable to its last frame. */
  state: z.enum(['open', 'finished', 'abnormal']),
  startedAt: z.number().int(),
  endedAt: z.number().int().nullable(),
  bytes: z.number().int(),
  /** True when its key was deleted: it cannot be read any more, by anybody. */
  erased: z.boolean(),
});
export type Recording = z.infer<typeof Recording>;

/** The answer of the verifier. `problem` names the first place that is not as it was written. */
export const RecordingVerification = z.object({
  id: z.uuid(),
  intact: z.boolean(),
  /** False when it has no end record: its writer was killed. */
  complete: z.boolean(),
  signed: z.boolean(),
  /**
   * unavailable: the archive could not be asked for the anchors that left this machine, so an end that was cut
   * off together with its signature would not be noticed.
   */
  anchors: z.enum(['checked', 'unavailable']),
  frames: z.number().int(),
  bytes: z.number().int(),
  problem: z.string().nullable(),
});
export type RecordingVerification = z.infer<typeof RecordingVerification>;
