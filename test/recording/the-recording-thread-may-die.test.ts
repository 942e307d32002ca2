import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataKey } from '#recording/format/payload-cipher.ts';
import type { FrameChannel } from '#recording/writing/frame-channel.ts';
import { FrameThread } from '#recording/writing/frame-thread.ts';
import { temporaryFolder } from './recorder-bed.ts';

interface Opened {
  readonly channel: FrameChannel;
  readonly errors: unknown[];
}

function openOn(thread: FrameThread, fd: number): Opened {
  const errors: unknown[] = [];
  const channel = thread.open({
    fd,
    key: dataKey(randomBytes(32)),
    start: { frames: 2, offset: 0, digest: Buffer.alloc(32) },
    frames: 2,
    clock: Date.now,
    monotonic: () => performance.now(),
    startedAtMonotonicMs: performance.now(),
    onFailure: (error) => errors.push(error),
  });
  return { channel, errors };
}

function newThread(): FrameThread {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return new FrameThread({
    publicKey: publicKey.export({ format: 'jwk' }).x ?? '',
    privateKey,
    syncEveryMs: 50,
  });
}

test('every recording on it fails, and says so once', async () => {
  await using folder = await temporaryFolder();
  await using file = await open(join(folder.path, 'a'), 'w');
  const thread = newThread();
  const { channel, errors } = openOn(thread, file.fd);
  await channel.append('output', Buffer.from('before'));
  const late = channel.append('output', Buffer.from('on its way'));
  const syncing = channel.sync();
  const outcomes = Promise.allSettled([late, syncing]);
  await thread[Symbol.asyncDispose]();
  await outcomes;
  await expect(channel.append('output', Buffer.from('after'))).rejects.toMatchObject({
    code: 'E_RECORDING_WRITE',
  });
  await expect(channel.sync()).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
  expect(await channel.stop()).toBeUndefined();
  expect(errors).toHaveLength(1);
  const { channel: next } = openOn(thread, file.fd);
  await expect(next.append('output', Buffer.from('x'))).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
});

test('one file that fails leaves the others alone', async () => {
  await using folder = await temporaryFolder();
  await using file = await open(join(folder.path, 'a'), 'w');
  await using thread = newThread();
  const good = openOn(thread, file.fd);
  await using readOnly = await open(join(folder.path, 'a'), 'r');
  const bad = openOn(thread, readOnly.fd);
  await expect(bad.channel.append('output', Buffer.from('x'))).rejects.toMatchObject({
    code: 'E_RECORDING_WRITE',
    message: expect.stringContaining('EBADF'),
  });
  await expect(bad.channel.append('output', Buffer.alloc(100_000))).rejects.toMatchObject({
    code: 'E_RECORDING_WRITE',
  });
  expect(bad.errors).toHaveLength(1);
  expect(await bad.channel.stop()).toMatchObject({ frames: 2, offset: 0 });
  await good.channel.append('output', Buffer.alloc(100_000, 1));
  const position = await good.channel.stop();
  expect(position?.offset).toBe((await readFile(join(folder.path, 'a'))).length);
  expect(good.errors).toEqual([]);
  await expect(good.channel.append('output', Buffer.from('x'))).rejects.toMatchObject({
    code: 'E_RECORDING_WRITE',
  });
});

test('a sync under steady output waits for what was before it, not for silence', async () => {
  await using folder = await temporaryFolder();
  await using file = await open(join(folder.path, 'a'), 'w');
  await using thread = newThread();
  const { channel } = openOn(thread, file.fd);
  const stop = new AbortController();
  const writeSteadily = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await Promise.all([
        channel.append('output', Buffer.alloc(50_000)),
        channel.append('error', Buffer.alloc(50_000)),
      ]);
    }
  };
  const output = Promise.all([writeSteadily(), writeSteadily()]);
  for (let n = 0; n < 20; n++) await channel.sync();
  stop.abort();
  await output;
  expect((await channel.stop())?.frames).toBeGreaterThan(20);
});
