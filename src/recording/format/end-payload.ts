import { z } from 'zod';

/** How a recording ended: in good order, by a failing disk, or by the end of the process that wrote it. */
export type Outcome = 'finished' | 'failed' | 'abnormal';

const EndPayload = z.strictObject({
  outcome: z.enum(['finished', 'failed', 'abnormal']),
  /** A stable word, readable without the key. */
  reason: z.string().max(256),
  /** Bytes after the last whole frame that were taken away when the file was closed afterwards. */
  tornBytes: z.int().min(0),
});
export type EndPayload = z.infer<typeof EndPayload>;

export function encodeEndPayload(end: EndPayload): Buffer {
  return Buffer.from(JSON.stringify({ ...end, reason: end.reason.slice(0, 256) }), 'utf8');
}

export function decodeEndPayload(payload: Buffer): EndPayload | undefined {
  try {
    const parsed = EndPayload.safeParse(JSON.parse(payload.toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
