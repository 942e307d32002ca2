import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { createFolderStore } from '#recording/folder-store.ts';
import { openSource } from '#recording/format/source.ts';
import { recordingName } from '#recording/store.ts';
import { verifyRecording } from '#recording/reading/verify-recording.ts';
import type { RecordingMeta, RecordingWriter } from '#recording/recorder.ts';
import { createRecorder } from '#recording/writing/create-recorder.ts';
import { openStateInThread } from '#state/in-thread.ts';
import { MemoryStream } from '#stream/memory.ts';
import { openVault } from '#vault/open-vault.ts';
import { percentile, type BenchResult } from './result.ts';

const CHUNK = 32_768;
const IN_FLIGHT = 32;

function meta(): RecordingMeta {
  return {
    recordingId: newId(),
    sessionId: newId(),
    channelId: 'c0',
    kind: 'exec',
    user: 'alice',
    asset: 'web01',
    account: 'root',
    address: '192.0.2.7',
    command: null,
    terminal: null,
    startedAt: Date.now(),
  };
}

interface Cost {
  readonly wallMs: number;
  /** Of the thread that writes, which is the one that carries sessions. */
  readonly threadMs: number;
  readonly processMs: number;
}

async function cost(work: () => Promise<void>): Promise<Cost> {
  const wall = performance.now();
  const thread = process.threadCpuUsage();
  const all = process.cpuUsage();
  await work();
  const usedThread = process.threadCpuUsage(thread);
  const usedAll = process.cpuUsage(all);
  return {
    wallMs: performance.now() - wall,
    threadMs: (usedThread.user + usedThread.system) / 1000,
    processMs: (usedAll.user + usedAll.system) / 1000,
  };
}

/** Keeps a window of writes under way, as a channel does. */
async function stream(writer: RecordingWriter, source: Buffer, bytes: number): Promise<void> {
  const flying = new Set<Promise<void>>();
  for (let at = 0; at < bytes; at += CHUNK) {
    const from = at % (source.length - CHUNK);
    const write: Promise<void> = writer
      .write('output', source.subarray(from, from + CHUNK))
      .finally(() => flying.delete(write));
    flying.add(write);
    if (flying.size >= IN_FLIGHT) await Promise.race(flying);
  }
  await Promise.all(flying);
}

async function keystrokes(writer: RecordingWriter, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  const key = Buffer.from('x');
  for (let n = 0; n < count; n++) {
    const before = performance.now();
    await writer.write('input', key);
    times.push((performance.now() - before) * 1000);
  }
  return times;
}

/** The recorder alone: bulk output of three kinds, single keystrokes, start and end, verifying. */
export async function run(): Promise<readonly BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-recording-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true }));
  const state = stack.use(await openStateInThread(join(folder, 'state.db')));
  const store = createFolderStore({ folder: join(folder, 'recordings') });
  const recorder = stack.use(
    await createRecorder({
      store,
      vault: await openVault({ keyFile: join(folder, 'master.key'), createIfMissing: true }),
      state,
      stream: new MemoryStream(),
      clock: Date.now,
      logger: createLogger('silent'),
    }),
  );
  const results: BenchResult[] = [];
  const text = Buffer.from(
    Array.from(
      { length: 20_000 },
      (_, n) => `-rw-r--r-- 1 root root ${String((n * 7919) % 99991)} Nov 22 file-${String(n)}\r\n`,
    ).join(''),
  );
  const bulk = { zeros: Buffer.alloc(1 << 20), 'terminal text': text, random: randomBytes(4 << 20) };
  const bytes = 512 << 20;
  let lastPath = '';
  for (const [name, source] of Object.entries(bulk)) {
    const about = meta();
    const writer = await recorder.start(about);
    await stream(writer, source, 32 << 20);
    const used = await cost(() => stream(writer, source, bytes));
    await writer.finish('client');
    lastPath = store.pathOf(recordingName(about.recordingId, about.startedAt));
    const perMiB = (ms: number): string => (ms / (bytes >> 20)).toFixed(2);
    results.push({
      name: `bulk, ${name}`,
      value: bytes / 1e3 / used.wallMs,
      unit: 'MB/s',
      detail: `CPU ms/MiB: session thread ${perMiB(used.threadMs)}, process ${perMiB(used.processMs)}`,
    });
  }

  await using source = await openSource(lastPath);
  const verifying = await cost(async () => {
    const report = await verifyRecording(source);
    if (!report.ok) throw new Error('the recording does not verify');
  });
  results.push({ name: 'verify, random', value: source.bytes / 1e3 / verifying.wallMs, unit: 'MB/s' });

  const writer = await recorder.start(meta());
  await keystrokes(writer, 2_000);
  let alone: readonly number[] = [];
  const used = await cost(async () => {
    alone = await keystrokes(writer, 20_000);
  });
  results.push({
    name: 'one keystroke, accepted',
    value: percentile(alone, 0.5),
    unit: 'µs',
    detail: `p99 ${percentile(alone, 0.99).toFixed(0)}, CPU of the session thread ${((used.threadMs * 1000) / 20_000).toFixed(1)}`,
  });
  const loud = await recorder.start(meta());
  const noise = stream(loud, bulk.random, 512 << 20);
  const beside = await keystrokes(writer, 1_000);
  await noise;
  results.push({
    name: 'one keystroke beside bulk output',
    value: percentile(beside, 0.5),
    unit: 'µs',
    detail: `p99 ${percentile(beside, 0.99).toFixed(0)}`,
  });
  await loud.finish('client');
  await writer.finish('client');

  const rounds = 200;
  const cycles = await cost(async () => {
    for (let n = 0; n < rounds; n++) await (await recorder.start(meta())).finish('client');
  });
  results.push({
    name: 'start and finish, one after another',
    value: (rounds * 1000) / cycles.wallMs,
    unit: '/s',
  });
  return results;
}
