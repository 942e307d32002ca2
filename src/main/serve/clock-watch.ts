import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import type { Clock, MonotonicClock } from '#lib/time.ts';
import type { Stream } from '#stream/stream.ts';

const JUMP_MS = 5_000;

/**
 * Notices when the wall clock jumps against the monotonic one. Leases and limits do not care; times in the
 * audit trail do, so the jump is an event.
 */
export function createClockWatch(
  stream: Pick<Stream, 'publish'>,
  clock: Clock,
  monotonic: MonotonicClock,
): () => Promise<void> {
  let offsetMs = clock() - monotonic();
  return async () => {
    const now = clock();
    const jumpedMs = Math.round(now - monotonic() - offsetMs);
    if (Math.abs(jumpedMs) < JUMP_MS) return;
    offsetMs += jumpedMs;
    await stream.publish([
      makeEvent('system.clock_jumped', newId(now), now, {
        message: `The clock of this machine jumped by ${Math.round(jumpedMs / 1000)} seconds.`,
        data: { jumpedMs },
      }),
    ]);
  };
}
