import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { isPortcullisError } from '#contract/errors.ts';
import { newId } from '#lib/ids.ts';
import { findProgram } from '#main/demo/programs.ts';
import { startStorage } from '#main/storage/start.ts';
import type { Stream } from '#stream/stream.ts';
import { logger } from '../state/backends.ts';
import { tempFolder } from '../testbed/temp-folder.ts';

const run = promisify(execFile);
const never = new AbortController().signal;

/** A small file system of its own; needs root. */
async function smallDisk(mebibytes: number): Promise<AsyncDisposable & { readonly path: string }> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempFolder());
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder.path]);
  stack.defer(async () => {
    await run('umount', [folder.path]);
  });
  const owned = stack.move();
  return { path: folder.path, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const canMount = process.getuid?.() === 0;
if (!canMount) console.log('a full disk is not tested: mounting a small file system needs root');
const strace = findProgram('strace');
if (strace === undefined) console.log('a failing disk is not tested: no strace here');

const bigEvent = (): EventRecord =>
  makeEvent('login.failed', newId(), Date.now(), { raw: 'x'.repeat(20_000) });

/** Publishes until the disk is full; returns what was acknowledged and the event that was refused. */
async function publishUntilFull(
  stream: Stream,
): Promise<{ readonly stored: readonly string[]; readonly refused: EventRecord; readonly code: string }> {
  const stored: string[] = [];
  for (;;) {
    const event = bigEvent();
    try {
      await stream.publish([event]);
      stored.push(event.id);
    } catch (error) {
      return { stored, refused: event, code: isPortcullisError(error) ? error.code : String(error) };
    }
  }
}

async function idsIn(stream: Stream): Promise<readonly string[]> {
  const head = await stream.head();
  const ids: string[] = [];
  for (let position = 0; position < head;) {
    const page = await stream.read(position, 1_000, never);
    ids.push(...page.map((entry) => entry.event.id));
    position = page.at(-1)?.position ?? head;
  }
  return ids;
}

describe.runIf(canMount)('a full disk', () => {
  it('refuses with E_DISK_FULL, keeps what was stored, and takes events again when there is space', async () => {
    await using disk = await smallDisk(12);
    const ballast = join(disk.path, 'ballast');
    await writeFile(ballast, Buffer.alloc(3 * 1024 * 1024));
    await using storage = await startStorage({
      dataDir: join(disk.path, 'data'),
      logger,
      onFailure: (error) => {
        throw error;
      },
    });
    const { stream, state } = storage;
    const { stored, refused, code } = await publishUntilFull(stream);
    expect(code).toBe('E_DISK_FULL');
    expect(stored.length).toBeGreaterThan(50);
    // Still refused, still readable, and the refused event is not there.
    await expect(stream.publish([refused])).rejects.toMatchObject({ code: 'E_DISK_FULL' });
    expect(await idsIn(stream)).toEqual(stored);
    await expect(
      state.transact((tx) =>
        tx
          .insertInto('settings')
          .values({ key: 'big', value: 'x'.repeat(500_000) })
          .execute(),
      ),
    ).rejects.toMatchObject({ code: 'E_DISK_FULL' });
    expect(await state.reader.selectFrom('settings').selectAll().execute()).toEqual([]);

    await rm(ballast);
    await stream.publish([refused]);
    expect(await idsIn(stream)).toEqual([...stored, refused.id]);
    await state.transact((tx) => tx.insertInto('settings').values({ key: 'a', value: '' }).execute());
    expect(await state.reader.selectFrom('settings').select('key').execute()).toEqual([{ key: 'a' }]);
  });

  it('has room again after a trim', async () => {
    await using disk = await smallDisk(12);
    await using storage = await startStorage({ dataDir: disk.path, logger, onFailure: () => {} });
    const { stream } = storage;
    const reserve = join(disk.path, 'reserve');
    await writeFile(reserve, Buffer.alloc(2 * 1024 * 1024));
    const { stored } = await publishUntilFull(stream);
    // Deleting writes too: that is what a reserve is for.
    await rm(reserve);
    const head = await stream.head();
    await stream.trim(head - 10);
    const more = await publishUntilFull(stream);
    expect(more.stored.length).toBeGreaterThan(stored.length / 3);
    expect((await idsIn(stream)).slice(0, 11)).toEqual([...stored.slice(-10), more.stored[0]]);
  });
});

describe.runIf(strace !== undefined)('a failing disk', () => {
  it.each([
    { what: 'sync fails', inject: 'fsync:error=EIO:when=50..56', code: 'E_STREAM' },
    { what: 'write fails', inject: 'pwrite64:error=EIO:when=450..458', code: 'E_STREAM' },
    { what: 'write finds no space', inject: 'pwrite64:error=ENOSPC:when=450..458', code: 'E_DISK_FULL' },
  ])(
    'when $what, refuses with $code, goes on afterwards, and has all it acknowledged',
    async ({ inject, code }) => {
      await using folder = await tempFolder();
      const { stdout } = await run(strace ?? '', [
        '-f',
        '-qq',
        '-o/dev/null',
        '-etrace=fsync,pwrite64',
        `-einject=${inject}`,
        process.execPath,
        join(import.meta.dirname, 'publisher-under-fault.ts'),
        folder.path,
      ]);
      const said = (word: string): readonly string[] =>
        stdout
          .split('\n')
          .filter((line) => line.startsWith(`${word} `))
          .map((line) => line.slice(word.length + 1));
      const [acknowledged, refused, stored] = [said('ok'), said(code), said('has')];
      expect(refused.length).toBeGreaterThan(0);
      expect(acknowledged.length + refused.length).toBe(60);
      expect(acknowledged.at(-1)).toBeDefined();
      // A refused event may be there or not; an acknowledged one must, in its place.
      expect(stored.filter((id) => !refused.includes(id))).toEqual(acknowledged);
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .findLast((line) => !line.startsWith('has ')),
      ).toMatch(/^ok /);
    },
  );
});
