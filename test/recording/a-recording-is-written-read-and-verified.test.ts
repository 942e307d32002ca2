import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { markContent, resizeContent } from '#recording/content.ts';
import { anchorsFromEvents } from '#recording/events.ts';
import { memorySource, openSource } from '#recording/format/source.ts';
import { eraseRecording } from '#recording/keeping/erase.ts';
import { deleteExpiredRecordings } from '#recording/keeping/retention.ts';
import { hasSealedSecrets, rekeyAll } from '#recording/keeping/sealed-places.ts';
import { readRecording, type RecordedFrame } from '#recording/reading/read-recording.ts';
import { verifyRecording } from '#recording/reading/verify-recording.ts';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { meta, startBed, type RecorderBed } from './recorder-bed.ts';

async function framesOf(bed: RecorderBed, id: string): Promise<readonly RecordedFrame[]> {
  await using source = await openSource(bed.store.pathOf((await bed.row(id)).file));
  const recording = await readRecording(source, await bed.key(id));
  const frames: RecordedFrame[] = [];
  for await (const frame of recording.frames) frames.push(frame);
  return frames;
}

const texts = (frames: readonly RecordedFrame[]): readonly string[] =>
  frames.map(({ kind, data }) => `${kind}:${data.toString('utf8')}`);

test('what was written is read back, and the file proves itself to anybody', async () => {
  await using bed = await startBed();
  const about = meta({ command: 'ls -l', kind: 'exec' });
  const writer = await bed.recorder.start(about);
  expect(bed.recorder.open).toBe(1);
  await writer.write('output', Buffer.from('hello '));
  await writer.write('output', Buffer.from('world'));
  await writer.write('input', Buffer.from('x'));
  await writer.write('resize', resizeContent(100, 30));
  await writer.write('mark', markContent('denied: su'));
  await writer.sync();
  await writer.write('error', Buffer.from('oops'));
  await writer.finish('client');
  expect(bed.recorder.open).toBe(0);

  const row = await bed.row(about.recordingId);
  const path = bed.store.pathOf(row.file);
  expect(row).toMatchObject({ state: 'finished', bytes: (await stat(path)).size });
  expect(row.file).toMatch(/^\d{4}\/\d\d\/\d\d\/[0-9a-f-]{36}\.pcrec$/);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  expect(texts(await framesOf(bed, about.recordingId))).toEqual([
    'output:hello ',
    'output:world',
    'input:x',
    'resize:100x30',
    'mark:denied: su',
    'error:oops',
  ]);

  await using source = await openSource(path);
  const recording = await readRecording(source, await bed.key(about.recordingId));
  expect(recording.meta).toEqual(about);
  const anchors = anchorsFromEvents(about.recordingId, await bed.events());
  expect(anchors.length).toBeGreaterThan(0);
  const report = await verifyRecording(source, { publicKey: bed.recorder.signerPublicKey, anchors });
  expect(report).toMatchObject({
    ok: true,
    outcome: 'finished',
    reason: 'client',
    signerTrusted: true,
    anchorsChecked: anchors.length,
    alarms: [],
  });
});

test('nothing of what was recorded stands readable in the file', async () => {
  await using bed = await startBed();
  const about = meta({ user: 'secretuser', asset: 'secretasset' });
  const writer = await bed.recorder.start(about);
  await writer.write('output', Buffer.from('top secret output'));
  await writer.finish('client');
  const content = await readFile(bed.store.pathOf((await bed.row(about.recordingId)).file), 'latin1');
  expect(content).toContain(about.recordingId);
  expect(content).not.toMatch(/secret/);
});

test('writes that come while one is under way travel together and stay in order', async () => {
  await using bed = await startBed();
  const about = meta();
  const writer = await bed.recorder.start(about);
  const pieces = Array.from({ length: 5_000 }, (_, n) => `${String(n)}\n`);
  await Promise.all(pieces.map((piece) => writer.write('output', Buffer.from(piece))));
  await writer.finish('client');
  const frames = await framesOf(bed, about.recordingId);
  expect(frames.length).toBeLessThan(100);
  expect(frames.map(({ data }) => data.toString()).join('')).toBe(pieces.join(''));
});

test('a large write is split, compressible or not, and comes back whole', async () => {
  await using bed = await startBed();
  const about = meta();
  const writer = await bed.recorder.start(about);
  const text = Buffer.alloc(1_000_000, 'the same line again and again\r\n');
  const noise = Buffer.from(Array.from({ length: 700_001 }, (_, n) => (n * n * 31 + (n >> 3)) & 0xff));
  await writer.write('output', text);
  await writer.write('output', noise);
  await writer.finish('client');
  const content = Buffer.concat((await framesOf(bed, about.recordingId)).map(({ data }) => data));
  expect(content.equals(Buffer.concat([text, noise]))).toBe(true);
});

test(
  'a flipped byte anywhere in a large file is found, and the frame is named',
  { timeout: 120_000 },
  async () => {
    await using bed = await startBed();
    const about = meta();
    const writer = await bed.recorder.start(about);
    const random = seeded(runSeed('flipped bytes'));
    const noise = Buffer.from(Uint8Array.from({ length: 500_000 }, () => Math.floor(random() * 256)));
    for (let n = 0; n < 40; n++) {
      const from = Math.floor(random() * 400_000);
      await writer.write('output', noise.subarray(from, from + Math.floor(random() * 100_000)));
      await writer.write('input', Buffer.from('x'));
    }
    await writer.finish('client');
    const path = bed.store.pathOf((await bed.row(about.recordingId)).file);
    const whole = await readFile(path);
    expect(whole.length).toBeGreaterThan(1_000_000);
    const flips = process.env['SOAK'] === '1' ? 2_000 : 60;
    for (let n = 0; n < flips; n++) {
      const at = Math.floor(random() * whole.length);
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      const report = await verifyRecording(memorySource(changed));
      const [alarm] = report.alarms;
      expect({ at, ok: report.ok }).toEqual({ at, ok: false });
      // The frame begins before the byte, and what is intact before it ends there.
      expect(alarm?.offset ?? Infinity).toBeLessThanOrEqual(at);
      const before = await verifyRecording(memorySource(changed.subarray(0, alarm?.offset)), { live: true });
      expect(before.frames).toBe(alarm?.frame ?? 0);
    }
  },
);

test('after the end nothing can be added, and finishing again changes nothing', async () => {
  await using bed = await startBed();
  const about = meta();
  const writer = await bed.recorder.start(about);
  await writer.finish('client');
  await expect(writer.write('output', Buffer.from('x'))).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
  await writer.finish('other');
  await using source = await openSource(bed.store.pathOf((await bed.row(about.recordingId)).file));
  expect(await verifyRecording(source)).toMatchObject({ ok: true, reason: 'client', signerTrusted: false });
});

test('stopping the server ends what is open, and says why', async () => {
  const bed = await startBed();
  const about = meta();
  const writer = await bed.recorder.start(about);
  await writer.write('output', Buffer.from('x'));
  await bed.recorder[Symbol.asyncDispose]();
  await using source = await openSource(bed.store.pathOf((await bed.row(about.recordingId)).file));
  expect(await verifyRecording(source)).toMatchObject({ ok: true, outcome: 'finished', reason: 'shutdown' });
  await expect(bed.recorder.start(meta())).rejects.toMatchObject({ code: 'E_RECORDING_WRITE' });
  await bed[Symbol.asyncDispose]();
});

test('while a session lasts, signed heads reach the event stream', async () => {
  await using bed = await startBed({ recorder: { syncEveryMs: 10, anchorEveryMs: 0 } });
  const about = meta();
  const writer = await bed.recorder.start(about);
  const anchored = async (count: number): Promise<void> => {
    for (let after = 0, seen = 0; seen < count;) {
      for (const entry of await bed.storage.stream.read(after, 100, AbortSignal.timeout(5_000))) {
        after = entry.position;
        if (entry.event.type === 'recording.anchored') seen += 1;
      }
    }
  };
  await anchored(1);
  await writer.write('output', Buffer.from('first'));
  await anchored(2);
  await writer.write('output', Buffer.from('second'));
  await anchored(3);
  await writer.finish('client');
  const anchors = anchorsFromEvents(about.recordingId, await bed.events());
  expect(anchors.length).toBeGreaterThanOrEqual(4);
  await using source = await openSource(bed.store.pathOf((await bed.row(about.recordingId)).file));
  expect(await verifyRecording(source, { anchors })).toMatchObject({
    ok: true,
    anchorsChecked: anchors.length,
  });
});

test('the story of a recording is told in events, each once', async () => {
  await using bed = await startBed();
  const about = meta();
  const writer = await bed.recorder.start(about);
  await writer.finish('client');
  await eraseRecording(about.recordingId, {
    state: bed.storage.state,
    clock: Date.now,
    actor: 'root',
    reason: 'request 7',
  });
  await eraseRecording(about.recordingId, {
    state: bed.storage.state,
    clock: Date.now,
    actor: 'root',
    reason: 'again',
  });
  const events = await bed.events();
  expect(events.map(({ type }) => type).filter((type) => type !== 'recording.anchored')).toEqual([
    'recording.started',
    'recording.finished',
    'recording.erased',
  ]);
  expect(events.at(-1)).toMatchObject({
    actor: 'root',
    session: about.sessionId,
    data: { reason: 'request 7' },
  });
});

test('an erased recording cannot be read by anybody, and still verifies', async () => {
  await using bed = await startBed();
  const about = meta();
  const writer = await bed.recorder.start(about);
  await writer.write('output', Buffer.from('personal data'));
  const options = { state: bed.storage.state, clock: Date.now, actor: 'root', reason: 'request' };
  await expect(eraseRecording(about.recordingId, options)).rejects.toMatchObject({ code: 'E_CONFLICT' });
  await writer.finish('client');
  await eraseRecording(about.recordingId, options);
  const row = await bed.row(about.recordingId);
  expect(row.sealedKey).toBeNull();
  await using source = await openSource(bed.store.pathOf(row.file));
  expect(await verifyRecording(source)).toMatchObject({ ok: true });
});

test('recordings past their time go with file and row; younger and open ones stay', async () => {
  await using bed = await startBed();
  const day = 86_400_000;
  const old = meta({ startedAt: Date.now() - 10 * day });
  const young = meta();
  const live = meta({ startedAt: Date.now() - 10 * day });
  await (await bed.recorder.start(old)).finish('client');
  await (await bed.recorder.start(young)).finish('client');
  const open = await bed.recorder.start(live);
  const oldPath = bed.store.pathOf((await bed.row(old.recordingId)).file);
  const { store, logger } = bed;
  const { state } = bed.storage;
  const deleted = await deleteExpiredRecordings({ store, state, clock: Date.now, logger, keepMs: 5 * day });
  expect(deleted).toBe(1);
  await expect(stat(oldPath)).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(bed.row(old.recordingId)).rejects.toThrow('no result');
  expect((await bed.row(young.recordingId)).state).toBe('finished');
  await open.write('output', Buffer.from('still here'));
  await open.finish('client');
});

test('the master key is changed while recordings are open, and all stay readable', async () => {
  await using bed = await startBed();
  const { state } = bed.storage;
  expect(await hasSealedSecrets(state)).toBe(true);
  const closed = meta();
  const live = meta();
  await (await bed.recorder.start(closed)).finish('client');
  const writer = await bed.recorder.start(live);
  const newKey = await bed.vault.addKey();
  const report = await rekeyAll(state, bed.vault, { clock: Date.now, actor: 'root' });
  expect(report).toEqual({
    resealed: { accounts: 0, 'second factors': 0, 'access keys': 0, recordings: 2, settings: 1 },
    keysInUse: [newKey],
  });
  await bed.vault.retireKeys(new Set(report.keysInUse));
  await writer.write('output', Buffer.from('after'));
  await writer.finish('client');
  expect(texts(await framesOf(bed, live.recordingId))).toEqual(['output:after']);
  expect(await framesOf(bed, closed.recordingId)).toEqual([]);
  expect((await bed.events()).map(({ type }) => type)).toContain('vault.rekeyed');
});

test('a recording is refused by name, not by path', async () => {
  await using bed = await startBed();
  await expect(bed.recorder.start(meta({ recordingId: '../../etc/passwd' }))).rejects.toMatchObject({
    code: 'E_INPUT',
  });
  expect(() => bed.store.pathOf('../../etc/passwd')).toThrow(/not the name/);
  expect(() => bed.store.pathOf('2026/11/22/../../../x.pcrec')).toThrow(/not the name/);
  expect(await open(join(bed.dataDir, 'recordings', 'reserve')).then((file) => file.close())).toBeUndefined();
});
