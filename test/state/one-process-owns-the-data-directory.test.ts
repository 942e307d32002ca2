import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { startStorage } from '#main/storage/start.ts';
import { acquireDataDirLock } from '#state/data-dir-lock.ts';
import { logger } from './backends.ts';
import { tempFolder } from '../testbed/temp-folder.ts';

const start = (dataDir: string): ReturnType<typeof startStorage> =>
  startStorage({ dataDir, logger, onFailure: () => {} });

/** A process that owns the directory: resolves once it does. */
async function ownElsewhere(dataDir: string): Promise<{ readonly pid: number; kill(): Promise<void> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'storage-victim.ts'), dataDir, '1'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  await once(lines, 'line');
  lines.close();
  child.stdout.resume();
  return {
    pid: child.pid ?? 0,
    async kill() {
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

describe('the data directory', () => {
  it('is refused to a second owner in the same process, and free after the first', async () => {
    await using folder = await tempFolder();
    await using first = await start(folder.path);
    await expect(start(folder.path)).rejects.toMatchObject({
      name: 'PortcullisError',
      code: 'E_DATA_DIR_IN_USE',
    });
    // The refused attempt has not broken the owner.
    await first.stream.publish([]);
    await first.state.transact((tx) => tx.insertInto('settings').values({ key: 'a', value: '' }).execute());
    await first[Symbol.asyncDispose]();
    await using second = await start(folder.path);
    expect(await second.state.reader.selectFrom('settings').select('key').execute()).toEqual([{ key: 'a' }]);
  });

  it('is refused while another process owns it, naming that process, and free the moment it is killed', async () => {
    await using folder = await tempFolder();
    const owner = await ownElsewhere(folder.path);
    await expect(start(folder.path)).rejects.toMatchObject({
      code: 'E_DATA_DIR_IN_USE',
      message: expect.stringContaining(`process ${owner.pid},`),
    });
    await owner.kill();
    await using storage = await start(folder.path);
    expect(await readFile(join(folder.path, 'owner.pid'), 'utf8')).toBe(`${process.pid}\n`);
    await storage.stream.head();
  });

  it('does not believe what a dead owner left behind', async () => {
    await using folder = await tempFolder();
    // The number of a process that runs, but does not hold the lock.
    await writeFile(join(folder.path, 'owner.pid'), `${process.ppid}\n`);
    await writeFile(join(folder.path, 'owner.lock'), '');
    using lock = acquireDataDirLock(folder.path);
    expect(lock).toBeDefined();
  });

  it('is for its owner alone', async () => {
    await using folder = await tempFolder();
    const dataDir = join(folder.path, 'a', 'b');
    await using storage = await start(dataDir);
    await storage.state.transact((tx) => tx.insertInto('settings').values({ key: 'a', value: '' }).execute());
    expect((await stat(dataDir)).mode & 0o077).toBe(0);
    for (const file of ['state.db', 'state.db-wal', 'journal.db', 'journal.db-wal']) {
      expect([file, (await stat(join(dataDir, file))).mode & 0o077]).toEqual([file, 0]);
    }
  });

  it('says what to do when it cannot be used', async () => {
    await using folder = await tempFolder();
    const file = join(folder.path, 'file');
    await writeFile(file, '');
    await expect(start(file)).rejects.toMatchObject({
      name: 'PortcullisError',
      message: expect.stringContaining(file),
    });
    const garbled = join(folder.path, 'garbled');
    using lock = acquireDataDirLock(garbled);
    lock[Symbol.dispose]();
    await writeFile(
      join(garbled, 'state.db'),
      'this is not a database, and long enough to be taken for one'.repeat(100),
    );
    await expect(start(garbled)).rejects.toMatchObject({ name: 'PortcullisError', code: 'E_STATE' });
  });
});
