import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '#lib/ids.ts';
import type { Stream } from '#stream/stream.ts';
import { generatedEvents } from '../../test/loop/generated-load.ts';
import { seeded } from '../../test/testbed/seeds.ts';

const MOST_AT_ONCE = 500;
const PAUSE_MS = 5;

/** Publishes so many different events a second until it is told to stop; what it cannot keep up with is not made up for. */
export async function publishSteadily(stream: Stream, perSecond: number, signal: AbortSignal): Promise<void> {
  const events = generatedEvents(1000, seeded(2));
  const started = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - started) * perSecond) / 1000) - sent;
    const batch = Array.from({ length: Math.min(due, MOST_AT_ONCE) }, (_, index) => {
      const event = events[(sent + index) % events.length];
      return event === undefined ? [] : [{ ...event, id: newId(), time: Date.now(), seen: Date.now() }];
    }).flat();
    sent += batch.length;
    if (batch.length > 0) await stream.publish(batch);
    await delay(PAUSE_MS);
  }
}
