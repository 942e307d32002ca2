import type { EventRecord } from '#contract/event.ts';
import type { Stream } from '#stream/stream.ts';

const PATIENCE_MS = 1_000;

/**
 * Reads single events back from the stream. Undefined when it was trimmed; never waits for what has not
 * come, because what is asked for lies behind us.
 */
export function eventReader(
  stream: Stream,
): (position: number, eventId: string) => Promise<EventRecord | undefined> {
  return async (position, eventId) => {
    const [entry] = await stream.read(position - 1, 1, AbortSignal.timeout(PATIENCE_MS));
    return entry?.event.id === eventId ? entry.event : undefined;
  };
}
