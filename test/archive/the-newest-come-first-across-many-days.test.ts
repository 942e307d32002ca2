import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { ArchiveBed } from './archive-bed.ts';
import { SeededEvents } from './seeded-events.ts';

const DAY_MS = 86_400_000;
const DAYS = 120;

test('events that arrive in any order on many days are found in the order in which they happened', async () => {
  await using bed = await ArchiveBed.create();
  const random = new SeededEvents(77);
  const start = Date.UTC(2026, 6, 1);
  const events = Array.from({ length: 3_000 }, (_, index) => {
    const time = start + random.integer(DAYS * 24) * 3_600_000;
    // Some reach us days later, several share a moment.
    const seen = time + random.integer(3) * DAY_MS;
    const user = `user${random.integer(20)}`;
    return makeEvent('command.allowed', newId(time), time, { seen, user, data: { index } });
  });
  await bed.stream.publish(events.slice(0, 1_000));
  await bed.settle();
  await bed.stream.publish(events.slice(1_000));
  await bed.settle();
  // Later in the stream is newer among those of one moment.
  const newestFirst = events.toReversed().toSorted((a, b) => b.time - a.time);
  for (const limit of [1, 10, 100, 3_000])
    expect(await bed.archive.search({ limit })).toEqual(newestFirst.slice(0, limit));
  for (const user of ['user0', 'user7', 'user19']) {
    const theirs = newestFirst.filter((event) => event.user === user);
    expect(await bed.archive.search({ user, limit: 50 })).toEqual(theirs.slice(0, 50));
    const sinceMs = start + 30 * DAY_MS;
    const untilMs = start + 60 * DAY_MS;
    const within = theirs.filter(({ time }) => time >= sinceMs && time < untilMs);
    expect(await bed.archive.search({ user, sinceMs, untilMs, limit: 1_000 })).toEqual(within);
  }
});
