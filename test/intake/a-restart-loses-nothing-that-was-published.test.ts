import { expect, test } from 'vitest';
import { createLogger } from '#lib/log.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { connectTo, startBed } from './intake-bed.ts';

const openStorage = (dataDir: string): Promise<Storage> =>
  startStorage({
    dataDir,
    logger: createLogger('silent'),
    onFailure: (error) => {
      throw error;
    },
  });

test('what was taken before a restart and after it is in the journal, once each', async () => {
  await using folder = await tempFolder();
  const lines = (from: number): readonly string[] =>
    Array.from({ length: 2000 }, (_, index) => `<13>app: ${from + index}`);
  let taken = 0;
  for (const from of [0, 2000]) {
    await using storage = await openStorage(folder.path);
    await using bed = await startBed({ intake: { stream: storage.stream } });
    const socket = await connectTo(bed.port('tcp'));
    socket.on('error', () => undefined);
    socket.write(`${lines(from).join('\n')}\n`);
    // Some are stored, others are on their way.
    await storage.stream.read(taken, 1, AbortSignal.timeout(30_000));
    await bed.intake[Symbol.asyncDispose]();
    taken += bed.listener('tcp').received;
    socket.destroy();
    expect(await storage.stream.head()).toBe(taken);
  }
  await using storage = await openStorage(folder.path);
  const raw: string[] = [];
  let position = 0;
  while (raw.length < taken) {
    const page = await storage.stream.read(position, 1000, AbortSignal.timeout(30_000));
    for (const entry of page) raw.push(entry.event.raw ?? '');
    position = page.at(-1)?.position ?? position;
  }
  expect(new Set(raw).size).toBe(taken);
  const first = raw.filter((text) => lines(0).includes(text));
  expect(first).toEqual(lines(0).slice(0, first.length));
  expect(first.length).toBeGreaterThan(0);
});
