import { expect, test } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { connectStorage } from '#main/storage/connect.ts';
import type { Stream, StreamEntry } from '#stream/stream.ts';
import { openStorage } from '../testbed/storage.ts';
import { runSeed, seeded } from '../testbed/seeds.ts';

const EVENTS = 6_000;
const logger = createLogger('silent');
const event = (id = newId()): EventRecord => makeEvent('tick', id, 1_795_335_706_864, { message: id });

async function readAll(stream: Stream, page: () => number, upTo: number): Promise<readonly StreamEntry[]> {
  const all: StreamEntry[] = [];
  for (let position = 0; position < upTo; position = all.at(-1)?.position ?? 0)
    all.push(...(await stream.read(position, page(), AbortSignal.timeout(10_000))));
  return all;
}

test('with two who publish, some of it twice, everybody reads the same at the same positions', async () => {
  await using opened = await openStorage();
  const { storage } = opened;
  const connect = { port: storage.newPort(), logger, readsWhatItPublishes: true };
  await using reading = await connectStorage(connect);
  const random = seeded(runSeed('what is at hand'));
  const some = (most: number): number => 1 + Math.floor(random() * most);

  const publish = async (stream: Stream): Promise<void> => {
    const known: string[] = [];
    for (let sent = 0; sent < EVENTS / 2;) {
      const batch = Array.from({ length: some(60) }, () => event());
      // What was stored before is skipped, and shifts those behind it in the batch.
      const again = random() < 0.2 ? known[Math.floor(random() * known.length)] : undefined;
      if (again !== undefined) batch.splice(some(batch.length) - 1, 0, event(again));
      await stream.publish(batch);
      known.push(...batch.map(({ id }) => id));
      sent += batch.length - (again === undefined ? 0 : 1);
    }
  };
  const alongside: StreamEntry[] = [];
  const done = new AbortController();
  const readAlong = async (): Promise<void> => {
    let position = 0;
    while (!done.signal.aborted) {
      const page = await reading.stream.read(position, some(200), done.signal);
      alongside.push(...page);
      position = page.at(-1)?.position ?? position;
    }
  };
  const along = readAlong();
  await Promise.all([publish(reading.stream), publish(storage.stream)]);
  const head = await storage.stream.head();
  const places = (entries: readonly StreamEntry[]): readonly string[] =>
    entries.map(({ position, event: { id } }) => `${position} ${id}`);
  const stored = places(await readAll(storage.stream, () => 1_000, head));
  await expect.poll(() => alongside.at(-1)?.position).toBe(head);
  done.abort();
  await along;

  expect(stored.length).toBeGreaterThanOrEqual(EVENTS);
  expect(new Set(stored.map((place) => place.split(' ')[1])).size).toBe(stored.length);
  expect(places(alongside)).toEqual(stored);
  expect(places(await readAll(reading.stream, () => some(300), head))).toEqual(stored);
});
