import { expect, test } from 'vitest';
import { ArchiveBed } from './archive-bed.ts';
import { SeededEvents } from './seeded-events.ts';

const BACKLOG = 50_000;

test('what has gathered is written in few batches, and what trickles in soon', async () => {
  await using bed = await ArchiveBed.create();
  const events = new SeededEvents(31, { spreadDays: 0 });
  await bed.stream.publish(events.take(BACKLOG));
  await bed.settle();
  const batches = async (): Promise<number> =>
    Number((await bed.values<string>('SELECT uniqExact(batch) FROM portcullis.events_v1'))[0]);
  expect(await batches()).toBe(Math.ceil(BACKLOG / 20_000));
  for (let round = 0; round < 3; round += 1) {
    await bed.stream.publish(events.take(1));
    await bed.settle();
  }
  expect(await batches()).toBe(Math.ceil(BACKLOG / 20_000) + 3);
  expect(await bed.values('SELECT count() FROM portcullis.events_v1')).toEqual([String(BACKLOG + 3)]);
});
