import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startEmbeddedEngine } from '#archive/engine/embedded-engine.ts';
import { connectArchive } from '#archive/connection.ts';
import { ArchiveBed, silent, temporaryFolder } from './archive-bed.ts';

const OPTIONS = { memoryBytes: 400 * 2 ** 20, keepFreeBytes: 0, logger: silent };

test('killed server: its engine ends by itself, and the next server gets the files at once', async () => {
  await using folder = await temporaryFolder();
  const owner = fork(join(import.meta.dirname, 'engine-owner.ts'), [], { stdio: 'inherit' });
  owner.send(folder.path);
  const [pid] = (await once(owner, 'message')) as [number];
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  owner.kill('SIGKILL');
  await using next = await startEmbeddedEngine({ ...OPTIONS, dataDir: folder.path });
  expect(next.status().running).toBe(true);
  while (existsSync(`/proc/${pid}`)) await delay(10);
});

test('stopped in order: the process is gone, the files are free', async () => {
  await using folder = await temporaryFolder();
  for (let round = 0; round < 3; round += 1) {
    const engine = await startEmbeddedEngine({ ...OPTIONS, dataDir: folder.path });
    const { pid } = engine.status();
    await engine[Symbol.asyncDispose]();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  }
});

test('two servers cannot have the same files, and the second says so', async () => {
  await using folder = await temporaryFolder();
  await using _first = await startEmbeddedEngine({ ...OPTIONS, dataDir: folder.path });
  const second = startEmbeddedEngine({ ...OPTIONS, dataDir: folder.path, filesFreeWithinMs: 500 });
  await expect(second).rejects.toMatchObject({ code: 'E_DATA_DIR_IN_USE' });
});

test('signals meant for the server do not end its engine; SIGTERM ends it cleanly and it comes back', async () => {
  await using bed = await ArchiveBed.create();
  const { pid } = bed.engine.status();
  if (pid === undefined) throw new Error('no engine');
  process.kill(pid, 'SIGINT');
  process.kill(pid, 'SIGHUP');
  const client = connectArchive(bed.engine);
  expect(await client.ping({ select: true })).toMatchObject({ success: true });
  await client.close();
  expect(bed.engine.status().pid).toBe(pid);
  await bed.killEngine(0, 'SIGTERM');
  expect(bed.restarts).toMatchObject([{ reason: 'it ended with exit code 0' }]);
  expect(await bed.archive.search({ limit: 1 })).toEqual([]);
});
