import { expect, test } from 'vitest';
import { ArchiveBed } from './archive-bed.ts';
import { SeededEvents } from './seeded-events.ts';

const BACKLOG = 60_000;
/** `collectBatch` takes so many rows at most, or so many bytes. */
const ROWS = 50_000;
const BYTES = 40 * 2 ** 20;

test('what has gathered is written in few batches, and what trickles in soon', async () => {
  await using bed = await ArchiveBed.create();
  const events = new SeededEvents(31, { spreadDays: 0 });
  await bed.stream.publish(events.take(BACKLOG));
  await bed.settle();
  const batches = async (): Promise<number> =>
    Number((await bed.values<string>('SELECT uniqExact(batch) FROM portcullis.events_v1'))[0]);
  expect(await batches()).toBe(Math.ceil(BACKLOG / ROWS));
  for (let round = 0; round < 3; round += 1) {
    await bed.stream.publish(events.take(1));
    await bed.settle();
  }
  expect(await batches()).toBe(Math.ceil(BACKLOG / ROWS) + 3);
  expect(await bed.values('SELECT count() FROM portcullis.events_v1')).toEqual([String(BACKLOG + 3)]);
});

test('a batch ends where it would be too large, too', async () => {
  await using bed = await ArchiveBed.create();
  const megabyte = 'a word '.repeat(2 ** 20 / 7);
  const count = 100;
  const events = new SeededEvents(32, { spreadDays: 0 })
    .take(count)
    .map((event) => ({ ...event, raw: megabyte }));
  await bed.stream.publish(events);
  await bed.settle();
  expect(await bed.values('SELECT count() FROM portcullis.events_v1')).toEqual([String(count)]);
  const largest = await bed.values<string>(
    'SELECT max(size) FROM (SELECT sum(length(raw)) AS size FROM portcullis.events_v1 GROUP BY batch)',
  );
  expect(Number(largest[0])).toBeGreaterThan(BYTES / 2);
  expect(Number(largest[0])).toBeLessThanOrEqual(BYTES + megabyte.length);
});
