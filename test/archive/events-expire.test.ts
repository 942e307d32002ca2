import { expect, test } from 'vitest';
import { openArchive } from '#archive/open-archive.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { ArchiveBed, silent, YEAR_MS } from './archive-bed.ts';

const DAY_MS = 86_400_000;

test('events go when retention is over, also after it was changed', async () => {
  await using bed = await ArchiveBed.create();
  const now = Date.now();
  const daysAgo = (days: number): ReturnType<typeof makeEvent> =>
    makeEvent('tick', newId(), now - days * DAY_MS, { data: { days } });
  await bed.stream.publish([daysAgo(0), daysAgo(10), daysAgo(100), daysAgo(1_000)]);
  await bed.settle();
  const days = async (): Promise<readonly unknown[]> => {
    await bed.values('OPTIMIZE TABLE portcullis.events_v1 FINAL');
    return (await bed.archive.search({ limit: 10 })).map(({ data }) => data['days']);
  };
  expect(await days()).toEqual([0, 10, 100, 1_000]);
  for (const [retentionMs, left] of [
    [YEAR_MS, [0, 10, 100]],
    [30 * DAY_MS, [0, 10]],
  ] as const) {
    await using _changed = await openArchive({ connection: bed.engine, retentionMs, logger: silent });
    expect(await days()).toEqual(left);
  }
});
