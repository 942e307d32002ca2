import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { startDetector, type Detector } from '#detector/detector.ts';
import { loadPlaybooks, loadRules } from '#detector/load-content.ts';
import { createMatcher } from '#domain/detection/matcher.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { startStorage } from '#main/storage/start.ts';
import type { State } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import { seeded } from '../test/testbed/seeds.ts';
import { generatedEvents, generatedRules } from '../test/loop/generated-load.ts';
import { publishSteadily } from './clients/publish-steadily.ts';
import { percentile, type BenchResult } from './result.ts';

const RULES = 450;
const EVENTS = 100_000;
const PEOPLE = 200;
const BESIDE_PER_SECOND = 10_000;
const LIVE_KEYS = 100_000;
const WARM_UP_KEYS = 30_000;
const content = join(import.meta.dirname, '..', 'content');

export async function run(): Promise<BenchResult[]> {
  return [
    ...matchSpeed(),
    ...(await liveKeys()),
    ...(await latency('alone', 0)),
    ...(await latency(`beside ${BESIDE_PER_SECOND} events/s`, BESIDE_PER_SECOND)),
  ];
}

function matchSpeed(): BenchResult[] {
  const random = seeded(1);
  const text = generatedRules(RULES, random);
  const started = performance.now();
  const rules = buildRuleSet([{ path: 'generated.yml', text }]);
  const match = createMatcher(rules);
  const compiledMs = performance.now() - started;
  const events = generatedEvents(10_000, random);
  let records = 0;
  const pass = (): number => {
    const before = performance.now();
    for (let index = 0; index < EVENTS; index++) {
      const event = events[index % events.length];
      if (event !== undefined) records += match(event).length;
    }
    return (EVENTS / (performance.now() - before)) * 1000;
  };
  pass();
  records = 0;
  const speeds = [pass(), pass(), pass()];
  return [
    {
      name: `match stage, ${RULES} rules, one thread`,
      value: Math.max(...speeds),
      unit: 'events/s',
      detail: `${((records / (EVENTS * 3)) * 100).toFixed(1)} matches per 100 events; slowest pass ${Math.round(Math.min(...speeds))}`,
    },
    { name: `compiling ${RULES} rules`, value: compiledMs, unit: 'ms' },
  ];
}

/** A hundred thousand people who are two refusals into a rule that wants three: what they cost to remember. */
async function liveKeys(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  const stopping = new AbortController();
  try {
    await using bed = await startBed(folder, stopping.signal);
    const { stream, detector } = bed;
    const residentBytes = (): number => {
      collectGarbage();
      return process.memoryUsage.rss();
    };
    const judge = async (round: number, from: number, to: number): Promise<void> => {
      for (let first = from; first < to; first += 1_000)
        await stream.publish(
          Array.from({ length: 1_000 }, (_unused, index) =>
            makeEvent('command.denied', newId(), Date.now() + round, {
              user: `user-${first + index}`,
              asset: 'web01',
              command: 'su -',
            }),
          ),
        );
      const head = await stream.head();
      while (detector.status().position < head) await pause(20);
    };
    // Caches, buffers, compiled code and the room the collectors take are not what the keys cost.
    await judge(0, LIVE_KEYS, LIVE_KEYS + WARM_UP_KEYS);
    await judge(1, LIVE_KEYS, LIVE_KEYS + WARM_UP_KEYS);
    const before = residentBytes();
    const started = performance.now();
    await judge(0, 0, LIVE_KEYS);
    await judge(1, 0, LIVE_KEYS);
    const seconds = (performance.now() - started) / 1000;
    const grownBytes = residentBytes() - before;
    stopping.abort();
    await detector.done;
    const files = await Promise.all(
      (await readdir(folder))
        .filter((name) => name.startsWith('state.db'))
        .map((name) => stat(join(folder, name))),
    );
    const fileBytes = files.reduce((sum, file) => sum + file.size, 0);
    return [
      {
        name: `${LIVE_KEYS} live keys, memory of the process`,
        value: grownBytes / 2 ** 20,
        unit: 'MiB',
        detail: `state on disk ${Math.round(fileBytes / 2 ** 20)} MiB`,
      },
      {
        name: 'matches that are counted and do not cross',
        value: (2 * LIVE_KEYS) / seconds,
        unit: 'events/s',
        detail: 'each for another key, published and committed',
      },
    ];
  } finally {
    stopping.abort();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Bed extends AsyncDisposable {
  readonly stream: Stream;
  readonly detector: Detector;
  /** How long the transactions took that planned something. */
  readonly commitMs: number[];
  /** Resolves when actions were planned. */
  planned(): Promise<void>;
}

async function startBed(folder: string, signal: AbortSignal): Promise<Bed> {
  const logger = createLogger('silent');
  const storage = await startStorage({ dataDir: folder, logger, onFailure: () => process.exit(1) });
  const { state, stream } = storage;
  const commitMs: number[] = [];
  let lastMs = 0;
  let waiting = Promise.withResolvers<void>();
  const timed: State = {
    ...state,
    async transact(work) {
      const before = performance.now();
      try {
        return await state.transact(work);
      } finally {
        lastMs = performance.now() - before;
      }
    },
  };
  const detector = startDetector({
    state: timed,
    stream,
    rules: await loadRules([join(content, 'rules')]),
    playbooks: await loadPlaybooks([join(content, 'playbooks')]),
    clock: Date.now,
    logger,
    signal,
    quietMs: 86_400_000,
    onPlanned: () => {
      commitMs.push(lastMs);
      waiting.resolve();
    },
  });
  return {
    stream,
    detector,
    commitMs,
    planned: () => {
      waiting = Promise.withResolvers<void>();
      return waiting.promise;
    },
    [Symbol.asyncDispose]: () => storage[Symbol.asyncDispose](),
  };
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}

/** From the moment the third refused command is handed to the stream until its actions are committed. */
async function latency(name: string, besidePerSecond: number): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  const stopping = new AbortController();
  const latencies: number[] = [];
  let commits: readonly number[] = [];
  try {
    await using bed = await startBed(folder, stopping.signal);
    const { stream, detector } = bed;
    const load =
      besidePerSecond === 0 ? Promise.resolve() : publishSteadily(stream, besidePerSecond, stopping.signal);
    for (let person = 0; person < PEOPLE; person++) {
      const denied = (): EventRecord =>
        makeEvent('command.denied', newId(), Date.now(), {
          user: `person-${person}`,
          asset: 'web01',
          command: 'su -',
        });
      const planned = bed.planned();
      await stream.publish([denied(), denied()]);
      const before = performance.now();
      await stream.publish([denied()]);
      await planned;
      latencies.push(performance.now() - before);
    }
    stopping.abort();
    await Promise.all([detector.done, load]);
    commits = bed.commitMs;
  } finally {
    stopping.abort();
    await rm(folder, { recursive: true, force: true });
  }
  const detail = `${PEOPLE} people, SQLite with full sync, storage in its worker`;
  return [
    { name: `third denial → planned actions, ${name}, p50`, value: percentile(latencies, 0.5), unit: 'ms' },
    {
      name: `third denial → planned actions, ${name}, p99`,
      value: percentile(latencies, 0.99),
      unit: 'ms',
      detail,
    },
    { name: `of it fire → planned and durable, ${name}, p50`, value: percentile(commits, 0.5), unit: 'ms' },
    {
      name: `of it fire → planned and durable, ${name}, p99`,
      value: percentile(commits, 0.99),
      unit: 'ms',
      detail,
    },
  ];
}
