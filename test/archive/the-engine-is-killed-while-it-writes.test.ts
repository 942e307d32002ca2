import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArchiveBed } from './archive-bed.ts';
import { ArrayStream } from './array-stream.ts';
import { SeededEvents } from './seeded-events.ts';

const SEED = Number(process.env['PORTCULLIS_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const KILLS = 6;
const PER_PUBLISH = 150;

let bed: ArchiveBed;
beforeAll(async () => {
  const gaps = new SeededEvents(SEED + 1);
  bed = await ArchiveBed.create({ stream: new ArrayStream(() => 1 + gaps.integer(3)) });
});
afterAll(() => bed[Symbol.asyncDispose]());

test(`every event is stored exactly once (seed ${SEED})`, async () => {
  const events = new SeededEvents(SEED);
  bed.archiver();
  const stopped = new AbortController();
  // Publishing never waits for the archive: it goes on all the time, in small pieces, across several days.
  const publisher = (async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await bed.stream.publish(events.take(PER_PUBLISH));
      await pace();
    }
  })();
  for (let kill = 0; kill < KILLS; kill += 1) {
    for (let batches = events.integer(4); batches > 0; batches -= 1) await bed.moved;
    await bed.killEngine(events.integer(60));
  }
  stopped.abort();
  await publisher;
  await bed.settle();

  expect(bed.restarts).toHaveLength(KILLS);
  const stored = await bed.values<string>(
    'SELECT toString(position) FROM portcullis.events_v1 ORDER BY position',
  );
  expect(stored.map(Number)).toEqual(bed.stream.entries.map(({ position }) => position));
  const ids = await bed.values<string>('SELECT id FROM portcullis.events_v1 ORDER BY position');
  expect(ids).toEqual(bed.stream.entries.map(({ event }) => event.id));
});

function pace(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 20);
  return promise;
}
