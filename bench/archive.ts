import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Archive, ArchiveQuery } from '#archive/archive.ts';
import { startArchiver } from '#archive/archiver.ts';
import { connectArchive } from '#archive/connection.ts';
import { type EmbeddedEngine, startEmbeddedEngine } from '#archive/engine/embedded-engine.ts';
import { openArchive } from '#archive/open-archive.ts';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { ArrayStream } from '../test/archive/array-stream.ts';
import { GeneratedStream } from '../test/archive/generated-stream.ts';
import { SeededEvents } from '../test/archive/seeded-events.ts';
import { type BenchResult, median, percentile } from './result.ts';

const EVENTS = Number(process.env['PORTCULLIS_BENCH_EVENTS'] ?? 1_000_000);
const START_MS = Date.UTC(2026, 10, 1);
const DAY_MS = 86_400_000;
const RETENTION_MS = 3_650 * DAY_MS;
const MEMORY_BYTES = 700 * 2 ** 20;
const logger = createLogger('error');

export async function run(): Promise<readonly BenchResult[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  try {
    const startedAt = performance.now();
    await using engine = await startEmbeddedEngine({
      dataDir,
      keepFreeBytes: 0,
      memoryBytes: MEMORY_BYTES,
      logger,
    });
    await using archive = await openArchive({ connection: engine, retentionMs: RETENTION_MS, logger });
    return [
      { name: 'start to first search', value: performance.now() - startedAt, unit: 'ms' },
      { name: 'engine process, empty', value: await rssMib(engine, 'VmRSS'), unit: 'MiB' },
      ...(await measureWriting(engine)),
      ...(await measureSearching(archive)),
      ...(await measureFreshness(engine, archive)),
      {
        name: 'engine process, peak',
        value: await rssMib(engine, 'VmHWM'),
        unit: 'MiB',
        detail: 'cap 700 MiB',
      },
    ];
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function rssMib(engine: EmbeddedEngine, field: string): Promise<number> {
  const status = await readFile(`/proc/${engine.status().pid}/status`, 'utf8').catch(() => '');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
}

/** Processor time the engine's process has used, in seconds (proc_pid_stat(5), fields 14 and 15; 100 ticks a second). */
async function engineCpuSeconds(engine: EmbeddedEngine): Promise<number> {
  const stat = await readFile(`/proc/${engine.status().pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Stream to disk, with everything in between: encoding, HTTP, parsing, indices, fsync. */
async function measureWriting(engine: EmbeddedEngine): Promise<readonly BenchResult[]> {
  const sample = new SeededEvents(99).take(1_000);
  const jsonBytes = sample.reduce((sum, event) => sum + JSON.stringify(event).length, 0) / sample.length;
  const done = Promise.withResolvers<void>();
  const cpu = process.cpuUsage();
  const engineCpu = await engineCpuSeconds(engine);
  const startedAt = performance.now();
  const stream = new GeneratedStream(EVENTS, 99, {
    startMs: START_MS,
    stepMs: (10 * DAY_MS) / EVENTS,
    spreadDays: 0,
  });
  {
    await using _archiver = startArchiver({
      stream,
      connection: engine,
      retentionMs: RETENTION_MS,
      logger,
      signal: new AbortController().signal,
      onPosition: (position) => {
        if (position === EVENTS) done.resolve();
      },
    });
    await done.promise;
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const engineSeconds = (await engineCpuSeconds(engine)) - engineCpu;
  const client = connectArchive(engine);
  const value = async (query: string): Promise<number> =>
    Number((await (await client.query({ query, format: 'JSONCompactEachRow' })).json<[number]>())[0]?.[0]);
  const parts = await value("SELECT count() FROM system.parts WHERE table = 'events_v1' AND active");
  await client.command({ query: 'OPTIMIZE TABLE portcullis.events_v1 FINAL' });
  const bytes = await value(
    "SELECT sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE table = 'events_v1' AND active",
  );
  await client.close();
  return [
    {
      name: 'archive events',
      value: EVENTS / seconds,
      unit: 'events/s',
      detail: `${Math.round(jsonBytes)} bytes of JSON each; CPU an event: ${((user + system) / EVENTS).toFixed(1)} µs ours (making it included), ${((engineSeconds * 1e6) / EVENTS).toFixed(1)} µs the engine's (merges included); ${parts} parts`,
    },
    { name: 'on disk, merged', value: bytes, unit: 'bytes/event' },
  ];
}

async function measureSearching(archive: Archive): Promise<readonly BenchResult[]> {
  const day = { sinceMs: START_MS + 5 * DAY_MS, untilMs: START_MS + 6 * DAY_MS };
  const searches: readonly (readonly [string, (round: number) => ArchiveQuery])[] = [
    ['user, all time', (round) => ({ user: `user${100 + round}`, limit: 100 })],
    ['user, 24 h', (round) => ({ user: `user${100 + round}`, ...day, limit: 100 })],
    ['user, all time, 10,000', (round) => ({ user: `user${100 + round}`, limit: 10_000 })],
    ['user who does not exist', (round) => ({ user: `nobody${round}`, limit: 100 })],
    ['type', () => ({ type: 'command.denied', limit: 100 })],
    ['frequent words', () => ({ text: '"sudo su"', limit: 100 })],
    ['rare word', (round) => ({ text: `web${round} kubectl user10${round % 10}`, limit: 100 })],
    ['text without index (not ASCII, cased)', (round) => ({ text: `Größe${'é'.repeat(round)}`, limit: 100 })],
  ];
  const results: BenchResult[] = [];
  for (const [name, query] of searches) {
    const times: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const startedAt = performance.now();
      await archive.search(query(round));
      times.push(performance.now() - startedAt);
    }
    const detail = `p99 ${Math.round(percentile(times, 0.99))} ms over ${EVENTS} events`;
    results.push({ name: `search: ${name}, p50`, value: median(times), unit: 'ms', detail });
  }
  return results;
}

/** Published to found, by searching again and again: what a person waits who looks for what just happened. */
async function measureFreshness(engine: EmbeddedEngine, archive: Archive): Promise<readonly BenchResult[]> {
  let first = true;
  const stream = new ArrayStream(() => {
    const gap = first ? EVENTS + 1 : 1;
    first = false;
    return gap;
  });
  await using _archiver = startArchiver({
    stream,
    connection: engine,
    retentionMs: RETENTION_MS,
    logger,
    signal: new AbortController().signal,
  });
  const times: number[] = [];
  for (let round = 0; round < 100; round += 1) {
    const word = `w${newId().replaceAll('-', '')}`;
    const publishedAt = performance.now();
    await stream.publish([
      makeEvent('command.allowed', newId(), Date.now(), { user: 'alice', command: word }),
    ]);
    while ((await archive.search({ text: word, limit: 1 })).length === 0);
    times.push(performance.now() - publishedAt);
  }
  const detail = `p99 ${Math.round(percentile(times, 0.99))} ms`;
  return [{ name: 'published to searchable, p50', value: median(times), unit: 'ms', detail }];
}
