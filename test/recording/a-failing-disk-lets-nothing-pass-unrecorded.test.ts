import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openSource } from '#recording/format/source.ts';
import { recoverRecordings } from '#recording/keeping/recover.ts';
import { readRecording } from '#recording/reading/read-recording.ts';
import { verifyRecording } from '#recording/reading/verify-recording.ts';
import type { RecordingWriter } from '#recording/recorder.ts';
import type { State } from '#state/state.ts';
import { startChild } from './child-process.ts';
import { meta, startBed, temporaryFolder, type RecorderBed } from './recorder-bed.ts';

/** A file system of its own, so that it can be filled; needs root. */
async function mountSmall(sizeKib: number): Promise<AsyncDisposable & { readonly path: string }> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(sizeKib)}k`, 'tmpfs', path]);
  stack.defer(() => {
    execFileSync('umount', ['-l', path]);
  });
  const owned = stack.move();
  return { path, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const root = process.getuid?.() === 0;
if (!root) console.log('full file systems are not tested: mounting a small one needs root');
const strace = available('strace', ['-V']);
if (!strace) console.log('failing disks are not tested: strace is missing (apt-get install strace)');

function available(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Writes until the recorder refuses. Returns how many bytes it accepted, and the refusal. */
async function writeUntilRefused(
  writer: RecordingWriter,
  piece: Buffer,
): Promise<{ accepted: number; error: unknown }> {
  for (let accepted = 0; ; accepted += piece.length) {
    try {
      await writer.write('output', piece);
    } catch (error) {
      return { accepted, error };
    }
  }
}

async function recorded(bed: RecorderBed, id: string): Promise<Buffer> {
  await using source = await openSource(bed.store.pathOf((await bed.row(id)).file));
  const { frames } = await readRecording(source, await bed.key(id));
  const parts: Buffer[] = [];
  for await (const { data } of frames) parts.push(data);
  return Buffer.concat(parts);
}

async function eventually(bed: RecorderBed, id: string, state: string): Promise<void> {
  const seen = async (): Promise<boolean> =>
    (await bed.events()).some(({ type, data }) => type === `recording.${state}` && data['recording'] === id);
  for (let after = 0; !(await seen());) {
    const entries = await bed.storage.stream.read(after, 100, AbortSignal.timeout(10_000));
    after = entries.at(-1)?.position ?? after;
  }
}

describe.skipIf(!root)('a full file system', () => {
  // Small pieces are written at once, large ones by the thread pool, which may take a part of one.
  test.each([10_000, 100_000])(
    'met by pieces of %d bytes: every recording gets a signed end, nothing more is accepted, and space repairs it',
    { timeout: 120_000 },
    async (pieceBytes) => {
      await using mount = await mountSmall(1_024);
      const small = mount.path;
      await using bed = await startBed({ recordings: join(small, 'recordings'), reserveBytes: 131_072 });
      const loud = meta();
      const quiet = meta();
      const loudWriter = await bed.recorder.start(loud);
      const quietWriter = await bed.recorder.start(quiet);
      await quietWriter.write('output', Buffer.from('quiet'));
      const noise = Buffer.from(Array.from({ length: pieceBytes }, (_, n) => (n * 7919 * (n >> 2)) & 0xff));
      const { accepted, error } = await writeUntilRefused(loudWriter, noise);
      expect(accepted).toBeGreaterThan(500_000);
      expect(error).toMatchObject({
        code: 'E_RECORDING_WRITE',
        message: expect.stringContaining('disk is full'),
      });
      // Every later call fails too, on every recording: their end records need the little space there is.
      for (const writer of [loudWriter, quietWriter]) {
        await expect(writer.write('output', Buffer.from('x'))).rejects.toMatchObject({
          code: 'E_RECORDING_WRITE',
        });
        await expect(writer.sync()).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
        await expect(writer.finish('client')).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
      }
      expect(bed.recorder.open).toBe(0);
      for (const { recordingId } of [loud, quiet]) {
        await eventually(bed, recordingId, 'failed');
        expect((await bed.row(recordingId)).state).toBe('abnormal');
        await using source = await openSource(bed.store.pathOf((await bed.row(recordingId)).file));
        const report = await verifyRecording(source, { publicKey: bed.recorder.signerPublicKey });
        expect(report).toMatchObject({ ok: true, outcome: 'failed', reason: 'disk-full' });
      }
      // What was accepted is there, and nothing that was refused.
      expect(
        (await recorded(bed, loud.recordingId)).equals(
          Buffer.concat(Array.from({ length: accepted / noise.length }, () => noise)),
        ),
      ).toBe(true);
      expect((await recorded(bed, quiet.recordingId)).toString()).toBe('quiet');

      // Still full: nothing begins. Space again: it does, and the reserve is back.
      await writeFile(join(small, 'ballast'), Buffer.alloc(2_000_000)).catch(() => {});
      await expect(bed.recorder.start(meta())).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
      await rm(join(small, 'ballast'));
      await bed.store.remove((await bed.row(loud.recordingId)).file);
      const after = meta();
      const writer = await bed.recorder.start(after);
      await writer.write('output', Buffer.from('again'));
      await writer.finish('client');
      expect((await recorded(bed, after.recordingId)).toString()).toBe('again');
      expect(readdirSync(join(small, 'recordings'))).toContain('reserve');
    },
  );

  test('lets the server start and refuses recordings with a clear message', async () => {
    await using mount = await mountSmall(64);
    const small = mount.path;
    await using bed = await startBed({ recordings: join(small, 'recordings'), reserveBytes: 131_072 });
    await expect(bed.recorder.start(meta())).rejects.toMatchObject({
      code: 'E_RECORDING_WRITE',
      message: expect.stringContaining('Free space'),
    });
  });

  test('refuses a recording while less space is left than asked for', async () => {
    await using bed = await startBed({ recorder: { minimumFreeBytes: 2 ** 60 } });
    await expect(bed.recorder.start(meta())).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
    expect(await bed.storage.stream.head()).toBe(0);
  });
});

/** Makes system calls of a running process fail when they concern the file, from the twentieth on. */
async function injectFailure(
  pid: number,
  path: string,
  calls: string,
  error: string,
): Promise<AsyncDisposable> {
  const tracer = spawn(
    'strace',
    ['-f', '-p', String(pid), '-P', path, '-o', '/dev/null', '-e', `inject=${calls}:error=${error}:when=20+`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // It says so when it is attached.
  await once(tracer.stderr, 'data');
  const exited = once(tracer, 'exit');
  return {
    [Symbol.asyncDispose]: async () => {
      tracer.kill('SIGINT');
      await exited;
    },
  };
}

describe.skipIf(!root || !strace)('a disk that fails', () => {
  test.each([
    ['a write', 'pwrite64,pwritev', 'EIO', 'write-error'],
    ['a write, for lack of space', 'pwrite64,pwritev', 'ENOSPC', 'disk-full'],
    ['a sync', 'fdatasync', 'EIO', 'write-error'],
  ])(
    'at %s: no call after it succeeds, and what was accepted before is there',
    { timeout: 120_000 },
    async (_name, calls, code, reason) => {
      await using folder = await temporaryFolder();
      const child = startChild({ dataDir: folder.path, writes: 1_000_000, size: 3_000 });
      const id = (await child.line('start ')).slice(6);
      const recordings = join(folder.path, 'recordings');
      const name =
        readdirSync(recordings, { recursive: true, encoding: 'utf8' }).find((one) => one.includes(id)) ?? '';
      {
        await using _failing = await injectFailure(
          child.process.pid ?? 0,
          join(recordings, name),
          calls,
          code,
        );
        expect(await child.line('failed ')).toBe('failed E_RECORDING_WRITE');
        await child.line('closed');
      }
      const failedAt = child.lines.findIndex((line) => line.startsWith('failed '));
      expect(child.lines.slice(failedAt).filter((line) => line.startsWith('ack '))).toEqual([]);
      const acknowledged = child.lines
        .filter((line) => line.startsWith('ack '))
        .map((line) => Number(line.slice(4)));
      expect(acknowledged.length).toBeGreaterThan(0);
      await child.kill('SIGKILL');

      await using bed = await startBed({ dataDir: folder.path });
      const { store, vault, logger } = bed;
      const failure = (await bed.events()).find(({ type }) => type === 'recording.failed');
      expect(failure?.data).toMatchObject({ recording: id, reason });
      await recoverRecordings({ store, vault, logger, state: bed.storage.state, clock: Date.now });
      const content = (await recorded(bed, id)).toString('latin1');
      expect(acknowledged.filter((n) => !content.includes(`${String(n)};`))).toEqual([]);
      expect((await bed.row(id)).state).toBe('abnormal');
      await using source = await openSource(bed.store.pathOf((await bed.row(id)).file));
      const report = await verifyRecording(source, { publicKey: bed.recorder.signerPublicKey });
      expect(report).toMatchObject({ ok: true, alarms: [] });
      expect(['failed', 'abnormal']).toContain(report.outcome);
    },
  );
});

test('a folder that cannot be written refuses the recording before anything is shown', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'recordings'), 'a file where the folder should be');
  await using bed = await startBed({ recordings: join(folder.path, 'recordings') });
  await expect(bed.recorder.start(meta())).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
});

test('a clock that is set back changes nothing', async () => {
  let wall = Date.now();
  let monotonic = 1_000;
  await using bed = await startBed({ recorder: { clock: () => wall, monotonic: () => monotonic } });
  const about = meta({ startedAt: wall });
  const writer = await bed.recorder.start(about);
  await writer.write('output', Buffer.from('before'));
  wall -= 3_600_000;
  monotonic += 250;
  await writer.write('output', Buffer.from('after'));
  // Even a monotonic clock that is none may not make time run backwards in the file.
  monotonic -= 500;
  await writer.write('input', Buffer.from('x'));
  monotonic += 750;
  await writer.finish('client');
  await using source = await openSource(bed.store.pathOf((await bed.row(about.recordingId)).file));
  const { frames } = await readRecording(source, await bed.key(about.recordingId));
  const times: number[] = [];
  for await (const { atMs } of frames) times.push(atMs);
  expect(times).toEqual([0, 250, 250]);
  expect(await bed.row(about.recordingId)).toMatchObject({
    startedAt: about.startedAt,
    endedAt: about.startedAt + 500,
  });
  expect(await verifyRecording(source)).toMatchObject({ ok: true });
});

test('a flood of output takes a bounded amount of memory', { timeout: 240_000 }, async () => {
  await using bed = await startBed();
  const about = meta();
  const writer = await bed.recorder.start(about);
  const total = process.env['SOAK'] === '1' ? 1_000_000_000 : 200_000_000;
  const piece = Buffer.alloc(32_768, 'y\n');
  const before = process.memoryUsage();
  let highest = 0;
  const flying = new Set<Promise<void>>();
  for (let written = 0; written < total; written += piece.length) {
    const writing: Promise<void> = writer.write('output', piece).finally(() => flying.delete(writing));
    flying.add(writing);
    if (flying.size >= 64) await Promise.race(flying);
    const { external, heapUsed } = process.memoryUsage();
    highest = Math.max(highest, external + heapUsed - before.external - before.heapUsed);
  }
  await writer.finish('client');
  expect(highest).toBeLessThan(150_000_000);
  await using source = await openSource(bed.store.pathOf((await bed.row(about.recordingId)).file));
  expect(await verifyRecording(source)).toMatchObject({ ok: true });
  let read = 0;
  const { frames } = await readRecording(source, await bed.key(about.recordingId));
  for await (const { data } of frames) read += data.length;
  expect(read).toBe(Math.ceil(total / piece.length) * piece.length);
});

test('an ending that the state database did not take is offered again until it does', async () => {
  await using folder = await temporaryFolder();
  let down = false;
  const flaky = (state: State): State => ({
    reader: state.reader,
    transact: (work) => (down ? Promise.reject(new Error('the disk is full')) : state.transact(work)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  await using bed = await startBed({ dataDir: folder.path, wrapState: flaky, recorder: { syncEveryMs: 10 } });
  const about = meta();
  const writer = await bed.recorder.start(about);
  down = true;
  await expect(writer.finish('client')).rejects.toThrow('the disk is full');
  expect((await bed.row(about.recordingId)).state).toBe('open');
  down = false;
  await eventually(bed, about.recordingId, 'finished');
  expect((await bed.row(about.recordingId)).state).toBe('finished');
});
