import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { JournalFile } from '#stream/journal/file.ts';
import { packEvents } from '#stream/journal/packed-events.ts';
import { percentile, type BenchResult } from './result.ts';

const BATCHES = [
  { size: 1, events: 4_000 },
  { size: 100, events: 60_000 },
  { size: 1_000, events: 200_000 },
] as const;
const PUBLISHERS = 100;
const EVENTS_EACH = 200;
const TRANSACTIONS = 2_000;
const RAW =
  'Nov 22 08:30:00 bastion sshd[4711]: Failed password for invalid user admin from 192.0.2.77 port 50022 ssh2 ';

/** About 500 bytes of JSON, as a login attempt has. */
function event(): EventRecord {
  return makeEvent('login.failed', newId(), Date.now(), {
    address: '192.0.2.77',
    port: 50_022,
    raw: RAW,
    data: { method: 'password', client: 'SSH-2.0-OpenSSH_9.2', reason: 'bad-credentials' },
  });
}

const milliseconds = (since: number): number => performance.now() - since;

/** The peer: the same rows and the same syncs by SQLite on the calling thread, which they block. */
function directly(dataDir: string, size: number, events: number): BenchResult[] {
  using file = new JournalFile(join(dataDir, `direct-${size}.db`));
  const startedAt = performance.now();
  for (let sent = 0; sent < events; sent += size) {
    const batch = Array.from({ length: size }, event);
    file.append([packEvents(batch)]);
  }
  return [
    {
      name: `peer: SQLite on the calling thread, batches of ${size}`,
      value: (events / milliseconds(startedAt)) * 1_000,
      unit: 'events/s',
    },
  ];
}

/** One publisher that waits for each acknowledgement. */
async function oneAfterTheOther(storage: Storage, size: number, events: number): Promise<BenchResult[]> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  for (let sent = 0; sent < events; sent += size) {
    const batch = Array.from({ length: size }, event);
    const sentAt = performance.now();
    await storage.stream.publish(batch);
    latenciesMs.push(milliseconds(sentAt));
  }
  const perSecond = (events / milliseconds(startedAt)) * 1_000;
  const detail = `acknowledged after p50 ${percentile(latenciesMs, 0.5).toFixed(2)} ms, p99 ${percentile(latenciesMs, 0.99).toFixed(2)} ms`;
  return [{ name: `publish, batches of ${size}`, value: perSecond, unit: 'events/s', detail }];
}

/** Many publishers of single events share the syncs. */
async function manyAtOnce(storage: Storage): Promise<BenchResult[]> {
  const latenciesMs: number[] = [];
  const publisher = async (): Promise<void> => {
    for (let n = 0; n < EVENTS_EACH; n++) {
      const sentAt = performance.now();
      await storage.stream.publish([event()]);
      latenciesMs.push(milliseconds(sentAt));
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: PUBLISHERS }, publisher));
  return [
    {
      name: `publish, ${PUBLISHERS} publishers of single events`,
      value: (PUBLISHERS * EVENTS_EACH * 1_000) / milliseconds(startedAt),
      unit: 'events/s',
      detail: `acknowledged after p50 ${percentile(latenciesMs, 0.5).toFixed(2)} ms, p99 ${percentile(latenciesMs, 0.99).toFixed(2)} ms`,
    },
  ];
}

async function readBack(storage: Storage): Promise<BenchResult[]> {
  const head = await storage.stream.head();
  const startedAt = performance.now();
  let position = 0;
  while (position < head) {
    const page = await storage.stream.read(position, 1_000, new AbortController().signal);
    position = page.at(-1)?.position ?? head;
  }
  return [
    { name: 'read, pages of 1,000', value: (head * 1_000) / milliseconds(startedAt), unit: 'events/s' },
  ];
}

/** A small transaction: read a row, write a row, emit an event. */
async function transactions(storage: Storage): Promise<BenchResult[]> {
  const latenciesMs: number[] = [];
  for (let n = 0; n < TRANSACTIONS; n++) {
    const startedAt = performance.now();
    await storage.state.transact(async (tx, emit) => {
      await tx
        .selectFrom('settings')
        .selectAll()
        .where('key', '=', `k${n % 100}`)
        .execute();
      await tx
        .insertInto('settings')
        .values({ key: `k${n}`, value: 'v' })
        .execute();
      emit(event());
    });
    latenciesMs.push(milliseconds(startedAt));
  }
  return [
    {
      name: 'state transaction: read, write, emit',
      value: percentile(latenciesMs, 0.5),
      unit: 'ms',
      detail: `p50; p99 ${percentile(latenciesMs, 0.99).toFixed(2)} ms; relayed to the stream beside it`,
    },
  ];
}

/** The journal and the state database as the server uses them: through the storage worker, synced. */
export async function run(): Promise<readonly BenchResult[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  const results: BenchResult[] = [];
  try {
    await using storage = await startStorage({
      dataDir,
      logger: createLogger('warn'),
      onFailure: (error) => {
        throw error;
      },
    });
    for (const { size, events } of BATCHES) {
      results.push(...(await oneAfterTheOther(storage, size, events)), ...directly(dataDir, size, events));
    }
    results.push(
      ...(await manyAtOnce(storage)),
      ...(await readBack(storage)),
      ...(await transactions(storage)),
    );
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
  return results;
}
