import { z } from 'zod';
import type { RecordingMeta } from '../recorder.ts';

const MetaPayload = z.object({
  recordingId: z.string(),
  sessionId: z.string(),
  channelId: z.string(),
  kind: z.enum(['shell', 'exec']),
  user: z.string(),
  asset: z.string(),
  account: z.string(),
  address: z.string(),
  command: z.string().nullable(),
  terminal: z.object({ columns: z.int(), rows: z.int(), type: z.string() }).nullable(),
  startedAt: z.int(),
});

/** One frame has to hold it, escaped as JSON; the whole command is recorded as events. */
const MAX_COMMAND_CHARACTERS = 32_768;

export function encodeMeta(meta: RecordingMeta): Buffer {
  const { command } = meta;
  const shown =
    command === null || command.length <= MAX_COMMAND_CHARACTERS
      ? command
      : `${command.slice(0, MAX_COMMAND_CHARACTERS)}…`;
  return Buffer.from(JSON.stringify(MetaPayload.parse({ ...meta, command: shown })), 'utf8');
}

/** Undefined when it is not what a recording begins with. */
export function decodeMeta(payload: Buffer): RecordingMeta | undefined {
  try {
    const parsed = MetaPayload.safeParse(JSON.parse(payload.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
