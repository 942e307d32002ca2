import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { MemoryStream } from '#stream/memory.ts';
import { trimJournal } from './trim-journal.ts';

async function positionsLeft(stream: MemoryStream): Promise<readonly number[]> {
  return (await stream.read(0, 10_000, AbortSignal.timeout(20))).map((entry) => entry.position);
}

async function filled(times: readonly number[]): Promise<MemoryStream> {
  const stream = new MemoryStream();
  for (const seen of times) await stream.publish([makeEvent('tick', newId(), seen, {})]);
  return stream;
}

const trim = (stream: MemoryStream, detector: number, archiver: number, now: number): Promise<void> =>
  trimJournal({
    stream,
    pipeline: {
      status: async () => ({
        detector: { position: detector, problem: null },
        archiver: { position: archiver, problem: null },
        intake: { listeners: [], problem: null, lastMessageMs: null },
      }),
    },
    config: { retention: { journalMs: 100 } },
    clock: () => now,
  });

test('what is old and read by all goes', async () => {
  const stream = await filled([1, 2, 3, 500]);
  const [, , third] = await positionsLeft(stream);
  await trim(stream, 1_000_000, 1_000_000, 200);
  expect(await positionsLeft(stream)).toHaveLength(1);
  expect(third).toBeDefined();
});

test('what the archive has not stored stays, however old', async () => {
  const stream = await filled([1, 2, 3]);
  const [first = 0] = await positionsLeft(stream);
  await trim(stream, 1_000_000, first, 1_000);
  expect(await positionsLeft(stream)).toHaveLength(2);
});

test('more than one page is trimmed at once', async () => {
  const stream = await filled(Array.from({ length: 2_500 }, (_, index) => index / 100));
  await trim(stream, 1_000_000, 1_000_000, 1_000);
  expect(await positionsLeft(stream)).toEqual([]);
});
