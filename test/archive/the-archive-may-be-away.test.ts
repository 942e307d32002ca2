import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startArchiver } from '#archive/archiver.ts';
import { openArchive } from '#archive/open-archive.ts';
import { Secret } from '#lib/secret.ts';
import { ArchiveBed, silent, YEAR_MS } from './archive-bed.ts';
import { ArrayStream } from './array-stream.ts';
import { SeededEvents } from './seeded-events.ts';

/** A port on which nobody answers. */
async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

test('publishing goes on, searches say what is wrong, nothing is lost', async () => {
  const connection = {
    url: `http://127.0.0.1:${await closedPort()}`,
    username: 'u',
    password: new Secret('p'),
  };
  const common = { connection, retentionMs: YEAR_MS, logger: silent };
  await using archive = await openArchive(common);
  const stream = new ArrayStream();
  await stream.publish(new SeededEvents(5).take(10));
  await using archiver = startArchiver({ ...common, stream, signal: new AbortController().signal });
  expect(await archive.status()).toMatchObject({ ready: false, position: 0 });
  await expect(archive.search({ limit: 1 })).rejects.toMatchObject({
    code: 'E_ARCHIVE',
    message: expect.stringContaining('Events are kept in the stream') as string,
  });
  expect(archiver.status().trouble).toMatch(/ECONNREFUSED/);
});

test('a search during a restart waits for it instead of failing', async () => {
  await using bed = await ArchiveBed.create();
  await bed.stream.publish(new SeededEvents(6).take(100));
  await bed.settle();
  const back = bed.killEngine();
  expect(await bed.archive.search({ limit: 7 })).toHaveLength(7);
  await back;
  expect(await bed.archive.status()).toMatchObject({ ready: true, position: await bed.stream.head() });
});

test('an archive of another stream is refused, not mixed', async () => {
  await using bed = await ArchiveBed.create();
  await bed.stream.publish(new SeededEvents(7).take(500));
  await bed.settle();
  await bed.stopArchiver();
  const stream = new ArrayStream();
  await stream.publish(new SeededEvents(8).take(20));
  const told = Promise.withResolvers<void>();
  const logger = Object.assign(Object.create(silent) as typeof silent, { error: () => told.resolve() });
  await using archiver = startArchiver({
    stream,
    connection: bed.engine,
    retentionMs: YEAR_MS,
    logger,
    signal: new AbortController().signal,
  });
  await told.promise;
  expect(archiver.status()).toMatchObject({
    position: 0,
    trouble: expect.stringContaining('another stream') as string,
  });
  expect(await bed.archive.search({ limit: 1_000 })).toHaveLength(500);
});
