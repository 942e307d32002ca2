import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startArchiver } from '#archive/archiver.ts';
import type { ArchiveQuery } from '#archive/archive.ts';
import { openArchive } from '#archive/open-archive.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { ArchiveBed, silent, YEAR_MS } from './archive-bed.ts';
import { ArrayStream } from './array-stream.ts';
import { GeneratedStream } from './generated-stream.ts';

const MILLION = 1_000_000;
const START_MS = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;
const TARGET_MS = 200;

/** Continues where the million ends. */
class LaterStream extends ArrayStream {
  constructor() {
    super(() => (this.entries.length === 0 ? MILLION + 1 : 1));
  }
}

let bed: ArchiveBed;
beforeAll(async () => {
  bed = await ArchiveBed.create({ stream: new LaterStream() });
  const done = Promise.withResolvers<void>();
  await using _archiver = startArchiver({
    // Ten days, and 500 users.
    stream: new GeneratedStream(MILLION, 99, { startMs: START_MS, stepMs: 864, spreadDays: 0 }),
    connection: bed.engine,
    retentionMs: 10 * YEAR_MS,
    logger: silent,
    signal: new AbortController().signal,
    onPosition: (position) => {
      if (position === MILLION) done.resolve();
    },
  });
  await done.promise;
}, 180_000);
afterAll(() => bed[Symbol.asyncDispose]());

/**
 * What it takes when the machine does nothing else: the best of at most thirty, since other tests, and the merging
 * of the million, run beside it.
 */
async function fastestMs(query: ArchiveQuery): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 30 && fastest >= TARGET_MS; round += 1) {
    const startedAt = performance.now();
    await bed.archive.search(query);
    fastest = Math.min(fastest, performance.now() - startedAt);
  }
  return fastest;
}

describe('among a million events', () => {
  test('all are there', async () => {
    expect(await bed.values('SELECT count() FROM portcullis.events_v1')).toEqual([String(MILLION)]);
  });

  test.each<[string, ArchiveQuery]>([
    ['a user, the whole history', { user: 'user042', limit: 100 }],
    [
      'a user, one day',
      { user: 'user042', sinceMs: START_MS + 5 * DAY_MS, untilMs: START_MS + 6 * DAY_MS, limit: 100 },
    ],
    ['a user who does not exist', { user: 'nobody', limit: 100 }],
    ['a type', { type: 'command.denied', limit: 100 }],
    ['an address nobody came from', { address: '198.51.100.1', limit: 100 }],
    ['a word that is frequent', { text: 'sudo', limit: 100 }],
    ['two words in order', { text: '"sudo su"', limit: 100 }],
    ['a word that does not occur', { text: 'nosuchword', limit: 100 }],
    ['the newest', { limit: 100 }],
  ])('%s is found within 200 ms', async (_what, query) => {
    expect(await fastestMs(query)).toBeLessThan(TARGET_MS);
  });

  test('a search finds exactly what is there', async () => {
    const [count] = await bed.values<string>(
      "SELECT count() FROM portcullis.events_v1 WHERE user = 'user042'",
    );
    const events = await bed.archive.search({ user: 'user042', limit: 10_000 });
    expect(events).toHaveLength(Math.min(10_000, Number(count)));
    expect(new Set(events.map(({ user }) => user))).toEqual(new Set(['user042']));
    const times = events.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  test('an event is searchable within 2 s of being published', async () => {
    bed.archiver({});
    for (let round = 0; round < 20; round += 1) {
      const word = `word${newId().replaceAll('-', '')}`;
      const event = makeEvent('command.allowed', newId(), Date.now(), { user: 'alice', command: word });
      const publishedAt = performance.now();
      await bed.stream.publish([event]);
      let found: readonly unknown[] = [];
      while (found.length === 0) found = await bed.archive.search({ text: word, limit: 1 });
      expect(performance.now() - publishedAt).toBeLessThan(2_000);
      expect(found).toEqual([event]);
    }
  });

  test('the history reads in order, by type, from any position', async () => {
    const [count] = await bed.values<string>(
      "SELECT count() FROM portcullis.events_v1 WHERE type = 'command.denied' AND position > 900000 AND position <= 950000",
    );
    const expected = Number(count);
    const positions: number[] = [];
    for await (const page of bed.archive.readHistory({
      types: ['command.denied'],
      afterPosition: 900_000,
      upToPosition: 950_000,
    })) {
      for (const { position, event } of page) {
        expect(event.type).toBe('command.denied');
        positions.push(position);
      }
    }
    expect(positions).toHaveLength(expected);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(expected).toBeGreaterThan(1_000);
  });

  test('at most 150 bytes of disk are taken for each', async () => {
    await bed.values('OPTIMIZE TABLE portcullis.events_v1 FINAL');
    const [bytes] = await bed.values<number>(
      "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE table = 'events_v1' AND active",
    );
    expect(bytes).toBeLessThan(150);
  });

  test('a search that takes too long is stopped with a reason', async () => {
    await using impatient = await openArchive({
      connection: bed.engine,
      retentionMs: 10 * YEAR_MS,
      logger: silent,
      searchTimeoutMs: 1,
    });
    await expect(impatient.search({ text: '删除', limit: 10_000 })).rejects.toMatchObject({
      code: 'E_ARCHIVE',
      message: expect.stringContaining('Narrow it') as string,
    });
  });
});
