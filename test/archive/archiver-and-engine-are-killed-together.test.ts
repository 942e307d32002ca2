import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArchiveBed, YEAR_MS } from './archive-bed.ts';
import { type ArchiverOrder, seededStream } from './archiver-process.ts';
import { SeededEvents } from './seeded-events.ts';

const SEED = Number(process.env['PORTCULLIS_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const EVENTS = 120_000;
const KILLS = 6;

let bed: ArchiveBed;
let child: ChildProcess | undefined;
beforeAll(async () => {
  bed = await ArchiveBed.create();
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await bed[Symbol.asyncDispose]();
});

function startChild(): ChildProcess {
  const { url, username, password } = bed.engine;
  const order: ArchiverOrder = {
    url,
    username,
    password: password.expose(),
    seed: SEED,
    events: EVENTS,
    retentionMs: 10 * YEAR_MS,
  };
  const started = fork(join(import.meta.dirname, 'archiver-process.ts'), [], { stdio: 'inherit' });
  started.send(order);
  return started;
}

test(`every event is stored exactly once, whatever dies when (seed ${SEED})`, async () => {
  const { entries } = await seededStream(SEED, EVENTS);
  const last = entries.at(-1)?.position ?? 0;
  const random = new SeededEvents(SEED + 2);
  for (let kill = 0; ; kill += 1) {
    const running = startChild();
    child = running;
    const reported = Promise.withResolvers<void>();
    const finished = Promise.withResolvers<void>();
    running.on('message', (position) => {
      reported.resolve();
      if (position === last) finished.resolve();
    });
    if (kill >= KILLS) {
      await finished.promise;
      break;
    }
    await reported.promise;
    await delay(random.integer(150));
    const exited = new Promise((resolve) => void running.once('exit', resolve));
    running.kill('SIGKILL');
    if (kill % 2 === 0) await bed.killEngine();
    await exited;
  }
  const positions = await bed.values<string>(
    'SELECT toString(position) FROM portcullis.events_v1 ORDER BY position',
  );
  expect(positions.map(Number)).toEqual(entries.map(({ position }) => position));
  const days = await bed.values<number>(
    'SELECT uniqExact(toDate(intDiv(seen, 1000))) FROM portcullis.events_v1',
  );
  expect(Number(days[0])).toBeGreaterThan(3);
});
