import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectArchive } from '#archive/connection.ts';
import { ArchiveBed } from './archive-bed.ts';

const LONG =
  'SELECT sum(sleepEachRow(0.01)) AS long_one FROM numbers(6000) SETTINGS max_block_size = 10, function_sleep_max_microseconds_per_block = 0';
const RUNNING =
  "SELECT count() FROM system.processes WHERE query LIKE '%AS long_one%' AND query NOT LIKE '%processes%'";

let bed: ArchiveBed;
beforeAll(async () => {
  bed = await ArchiveBed.create();
});
afterAll(() => bed[Symbol.asyncDispose]());

async function untilRunning(count: number): Promise<void> {
  for (;;) {
    const [running] = await bed.values<string>(RUNNING);
    if (Number(running) === count) return;
  }
}

test('aborted, it ends in the engine too', async () => {
  const client = connectArchive(bed.engine);
  const abort = new AbortController();
  const search = client.query({ query: LONG, abort_signal: abort.signal, format: 'JSONEachRow' });
  const outcome = search.then(
    () => 'answered',
    (error: unknown) => String(error),
  );
  await untilRunning(1);
  const abortedAt = performance.now();
  abort.abort();
  expect(await outcome).toMatch(/aborted/);
  await untilRunning(0);
  expect(performance.now() - abortedAt).toBeLessThan(2_000);
  await client.close();
});

test('abort before and during a search rejects with the reason given', async () => {
  await expect(bed.archive.search({ limit: 1 }, AbortSignal.abort(new Error('gone')))).rejects.toThrow(
    'gone',
  );
  const abort = new AbortController();
  const search = bed.archive.search({ text: 'anything', limit: 1 }, abort.signal);
  abort.abort(new Error('left'));
  await expect(search).rejects.toThrow('left');
});

test('a writer does not wait for searches', async () => {
  const client = connectArchive(bed.engine);
  const abort = new AbortController();
  const searches = [1, 2, 3].map(() =>
    client.query({ query: LONG, abort_signal: abort.signal, format: 'JSONEachRow' }).catch(() => {}),
  );
  await untilRunning(3);
  const startedAt = performance.now();
  await client.command({ query: 'CREATE TABLE written (a UInt8) ENGINE = MergeTree ORDER BY a' });
  expect(performance.now() - startedAt).toBeLessThan(1_500);
  abort.abort();
  await Promise.all(searches);
  await client.close();
});
