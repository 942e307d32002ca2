import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { startDetector } from '#detector/detector.ts';
import { loadPlaybooks, loadRules } from '#detector/load-content.ts';
import { createMatcher } from '#domain/detection/matcher.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import { startStorage } from '#main/storage/start.ts';
import { seeded } from '../test/testbed/seeds.ts';
import { generatedEvents, generatedRules } from '../test/loop/generated-load.ts';
import { percentile, type BenchResult } from './result.ts';

const RULES = 450;
const EVENTS = 100_000;
const PEOPLE = 200;
const BESIDE_PER_SECOND = 10_000;
const content = join(import.meta.dirname, '..', 'content');

export async function run(): Promise<BenchResult[]> {
  return [
    ...matchSpeed(),
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

/** From the moment the third refused command is handed to the stream until its actions are committed. */
async function latency(name: string, besidePerSecond: number): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-bench-'));
  const logger = createLogger('silent');
  const stopping = new AbortController();
  const latencies: number[] = [];
  try {
    await using storage = await startStorage({ dataDir: folder, logger, onFailure: () => process.exit(1) });
    const { state, stream } = storage;
    let planned = Promise.withResolvers<void>();
    const detector = startDetector({
      state,
      stream,
      rules: await loadRules([join(content, 'rules')]),
      playbooks: await loadPlaybooks([join(content, 'playbooks')]),
      clock: Date.now,
      logger,
      signal: stopping.signal,
      quietMs: 86_400_000,
      onPlanned: () => planned.resolve(),
    });
    const load =
      besidePerSecond === 0 ? Promise.resolve() : publishBeside(stream, besidePerSecond, stopping.signal);
    for (let person = 0; person < PEOPLE; person++) {
      const denied = (): EventRecord =>
        makeEvent('command.denied', newId(), Date.now(), {
          user: `user-${person}`,
          asset: 'web01',
          command: 'su -',
        });
      planned = Promise.withResolvers<void>();
      await stream.publish([denied(), denied()]);
      const before = performance.now();
      await stream.publish([denied()]);
      await planned.promise;
      latencies.push(performance.now() - before);
    }
    stopping.abort();
    await Promise.all([detector.done, load]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return [
    { name: `third denial → planned actions, ${name}, p50`, value: percentile(latencies, 0.5), unit: 'ms' },
    {
      name: `third denial → planned actions, ${name}, p99`,
      value: percentile(latencies, 0.99),
      unit: 'ms',
      detail: `${PEOPLE} people, SQLite with full sync, storage in its worker`,
    },
  ];
}

async function publishBeside(
  stream: { publish(events: readonly EventRecord[]): Promise<void> },
  perSecond: number,
  signal: AbortSignal,
): Promise<void> {
  const events = generatedEvents(1000, seeded(2));
  const started = performance.now();
  let sent = 0;
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - started) * perSecond) / 1000) - sent;
    const batch = Array.from({ length: Math.min(due, 500) }, (_unused, index) => {
      const event = events[(sent + index) % events.length];
      return event === undefined ? [] : [{ ...event, id: newId(), time: Date.now(), seen: Date.now() }];
    }).flat();
    sent += batch.length;
    await stream.publish(batch);
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 5);
    await promise;
  }
}
