import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { anchorsFromEvents } from '#recording/events.ts';
import { openSource } from '#recording/format/source.ts';
import { recoverRecordings, type RecoverReport } from '#recording/keeping/recover.ts';
import { readRecording } from '#recording/reading/read-recording.ts';
import { verifyRecording } from '#recording/reading/verify-recording.ts';
import type { VerifyReport } from '#recording/reading/verify-report.ts';
import { killPoints, runSeed, seeded } from '../testbed/seeds.ts';
import { startChild } from './child-process.ts';
import { meta, startBed, temporaryFolder, type RecorderBed } from './recorder-bed.ts';

const recover = (bed: RecorderBed, node?: string): Promise<RecoverReport> =>
  recoverRecordings({
    store: bed.store,
    vault: bed.vault,
    state: bed.storage.state,
    clock: Date.now,
    logger: bed.logger,
    node,
  });

/** Numbers of the writes that are in the file, and whether each is complete. */
async function writesIn(bed: RecorderBed, id: string): Promise<ReadonlySet<number>> {
  await using source = await openSource(bed.store.pathOf((await bed.row(id)).file));
  const { frames } = await readRecording(source, await bed.key(id));
  const found = new Set<number>();
  for await (const { data } of frames) {
    // Neighbours of one kind may share a frame.
    for (let at = 0; at < data.length;) {
      const end = data.indexOf(0x3b, at);
      const n = Number(data.toString('latin1', at, end));
      const fill = 1 + ((n * 7919) % SIZE);
      const content = data.subarray(end + 1, end + 1 + fill);
      if (!content.equals(Buffer.alloc(fill, n % 251)))
        throw new Error(`write ${String(n)} is not as it was written`);
      found.add(n);
      at = end + 1 + fill;
    }
  }
  return found;
}

async function verify(bed: RecorderBed, id: string): Promise<VerifyReport> {
  const anchors = anchorsFromEvents(id, await bed.events());
  await using source = await openSource(bed.store.pathOf((await bed.row(id)).file));
  return await verifyRecording(source, { publicKey: bed.recorder.signerPublicKey, anchors });
}

const SIZE = 4_000;

test(
  'after kill -9 at any point every accepted frame is there, and the recording says that it ended abnormally',
  { timeout: killPoints() * 20_000 },
  async () => {
    const random = seeded(runSeed('kill -9 of a recorder'));
    for (let point = 0; point < killPoints(); point++) {
      await using folder = await temporaryFolder();
      const child = startChild({ dataDir: folder.path, writes: 1_000_000, size: SIZE });
      const start = await child.line('start ');
      const id = start.slice('start '.length);
      await child.count(1 + Math.floor(random() ** 2 * 2_000));
      await child.kill('SIGKILL');
      const acknowledged = child.lines
        .filter((line) => line.startsWith('ack '))
        .map((line) => Number(line.slice(4)));

      await using bed = await startBed({ dataDir: folder.path });
      expect(await recover(bed)).toEqual({ closed: 1, settled: 0, missing: 0, damaged: 0, failed: 0 });
      const present = await writesIn(bed, id);
      expect(acknowledged.filter((n) => !present.has(n))).toEqual([]);
      const report = await verify(bed, id);
      expect(report).toMatchObject({ ok: true, outcome: 'abnormal', reason: 'crash', alarms: [] });
      expect(await bed.row(id)).toMatchObject({ state: 'abnormal', bytes: report.bytes });
      expect((await bed.events()).filter(({ type }) => type === 'recording.recovered')).toHaveLength(1);
      // A second start finds nothing to do.
      expect(await recover(bed)).toEqual({ closed: 0, settled: 0, missing: 0, damaged: 0, failed: 0 });
    }
  },
);

describe('a file that a crash left in any condition', () => {
  /** A recording of which the process "died": the row is open, the file ends as the test wants. */
  async function abandoned(
    change: (content: Buffer, lastFrame: number) => Buffer | undefined,
  ): Promise<{ bed: RecorderBed; id: string; path: string; folder: AsyncDisposable }> {
    const folder = await temporaryFolder();
    const child = startChild({ dataDir: folder.path, writes: 5, size: 50 });
    const id = (await child.line('start ')).slice(6);
    await child.line('done');
    await child.kill('SIGKILL');
    const bed = await startBed({ dataDir: folder.path });
    const path = bed.store.pathOf((await bed.row(id)).file);
    const content = await readFile(path);
    await using source = await openSource(path);
    const { frames } = await verifyRecording(source);
    const changed = change(content, frames);
    if (changed !== undefined) await writeFile(path, changed);
    return { bed, id, path, folder };
  }

  test('is closed at every length, and what was torn lies beside it', { timeout: 240_000 }, async () => {
    const { bed, id, path, folder } = await abandoned(() => undefined);
    await using _bed = bed;
    await using _folder = folder;
    const whole = await readFile(path);
    await using source = await openSource(path);
    const before = await verifyRecording(source);
    expect(before).toMatchObject({ ok: false, outcome: 'unfinished' });
    const reopen = async (): Promise<void> => {
      await bed.storage.state.transact(async (tx) => {
        await tx.updateTable('recordings').set({ state: 'open' }).where('id', '=', id).execute();
      });
    };
    const header = 12 + whole.readUInt32BE(8) + 32;
    for (let length = whole.length; length >= header; length -= 13) {
      await writeFile(path, whole.subarray(0, length));
      await reopen();
      expect((await recover(bed)).closed).toBe(1);
      await using after = await openSource(path);
      const report = await verifyRecording(after, { publicKey: bed.recorder.signerPublicKey });
      expect(report).toMatchObject({ ok: true, outcome: 'abnormal' });
      const closed = await readFile(path);
      expect(
        closed.subarray(0, length - report.tornBytes).equals(whole.subarray(0, length - report.tornBytes)),
      ).toBe(true);
    }
    const torn = (await readdir(dirname(path))).filter((name) => name.includes('.torn'));
    expect(torn.length).toBeGreaterThan(0);
    await bed.store.remove((await bed.row(id)).file);
    expect(await readdir(dirname(path))).toEqual([]);
  });

  test('is closed before frames that were not written by this server', async () => {
    const { bed, id, path, folder } = await abandoned((content) =>
      Buffer.concat([content, Buffer.alloc(500)]),
    );
    await using _bed = bed;
    await using _folder = folder;
    expect((await recover(bed)).closed).toBe(1);
    const report = await verify(bed, id);
    expect(report).toMatchObject({ ok: true, outcome: 'abnormal', tornBytes: 500 });
    expect((await bed.events()).find(({ type }) => type === 'recording.recovered')?.data).toMatchObject({
      tornBytes: 500,
      damage: expect.any(String),
    });
    expect(await readFile(`${path}.torn`)).toHaveLength(500);
  });

  test('is settled when the end was written and only the row did not know', async () => {
    await using bed = await startBed();
    const about = meta();
    await (await bed.recorder.start(about)).finish('client');
    await bed.storage.state.transact(async (tx) => {
      await tx.updateTable('recordings').set({ state: 'open', endedAt: null }).execute();
    });
    // Another node's recordings are another node's business.
    expect(await recover(bed, 'elsewhere')).toMatchObject({ settled: 0 });
    expect(await recover(bed)).toMatchObject({ settled: 1 });
    expect(await bed.row(about.recordingId)).toMatchObject({ state: 'finished' });
    expect(await verify(bed, about.recordingId)).toMatchObject({
      ok: true,
      outcome: 'finished',
      reason: 'client',
    });
  });

  test('is signed when the crash came between the end and its signature', async () => {
    await using bed = await startBed();
    const about = meta();
    await (await bed.recorder.start(about)).finish('client');
    const path = bed.store.pathOf((await bed.row(about.recordingId)).file);
    const finalHead = 12 + 71 + 32;
    await truncate(path, (await readFile(path)).length - finalHead);
    await bed.storage.state.transact(async (tx) => {
      await tx.updateTable('recordings').set({ state: 'open', endedAt: null }).execute();
    });
    expect(await recover(bed)).toMatchObject({ closed: 1 });
    expect(await bed.row(about.recordingId)).toMatchObject({ state: 'finished' });
    await using source = await openSource(path);
    expect(await verifyRecording(source)).toMatchObject({ ok: true, outcome: 'finished', reason: 'client' });
  });

  test('is reported missing when there is no file or nothing in it', async () => {
    for (const content of [undefined, Buffer.alloc(0)]) {
      await using bed = await startBed();
      const about = meta();
      await (await bed.recorder.start(about)).finish('client');
      const { file } = await bed.row(about.recordingId);
      await bed.store.remove(file);
      if (content !== undefined) await writeFile(bed.store.pathOf(file), content);
      await bed.storage.state.transact(async (tx) => {
        await tx.updateTable('recordings').set({ state: 'open' }).execute();
      });
      expect(await recover(bed)).toMatchObject({ missing: 1 });
      expect(await bed.row(about.recordingId)).toMatchObject({ state: 'abnormal' });
    }
  });
});
