import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBed, type Bed } from './bed.ts';
import { startSsh } from './run-ssh.ts';

const TERMINATED = '\r\n\x1b[31mTerminated by admin carol\r\n\x1b[0m';
const ROUNDS = 30;
/** Of whoever cuts: far below what a client may take that is short of time itself. */
const FAST_MS = 1_000;

let bed: Bed;
let target: string;
beforeAll(async () => {
  bed = await openBed();
  target = `alice@${bed.sshd.account}@web01`;
});
afterAll(() => bed[Symbol.asyncDispose]());

/** Keeps processors busy, so that clients get their turn late. */
function busy(count: number): Disposable {
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  return {
    [Symbol.dispose]: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

test(`${ROUNDS} shells that are cut on a busy machine all say by whom`, { timeout: 240_000 }, async () => {
  using _load = busy(3);
  const shown: boolean[] = [];
  let slowestMs = 0;
  for (let round = 0; round < ROUNDS; round += 3) {
    const shells = Array.from({ length: 3 }, () => startSsh(['-tt', ...bed.ssh(target)]));
    try {
      for (const shell of shells) shell.type('echo re""ady\n');
      await Promise.all(shells.map((shell) => shell.shows(/ready/)));
      const started = performance.now();
      const answer = await bed.control.terminate({ username: 'alice', by: 'carol', reason: 'test' });
      slowestMs = Math.max(slowestMs, performance.now() - started);
      expect(answer.cut).toHaveLength(3);
      expect(await bed.control.sessions()).toEqual([]);
      const done = await Promise.all(shells.map((shell) => shell.finished));
      shown.push(...done.map((one) => one.stdout.toString().endsWith(TERMINATED)));
    } finally {
      await Promise.all(shells.map((shell) => shell[Symbol.asyncDispose]()));
    }
  }
  expect(shown).toEqual(Array.from({ length: ROUNDS }, () => true));
  expect(slowestMs).toBeLessThan(FAST_MS);
});

test('nothing can be opened while a client that was cut has not hung up', async () => {
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type('echo re""ady\n');
  await running.shows(/ready/);
  running.child.kill('SIGSTOP');
  const started = performance.now();
  const answer = await bed.control.terminate({ username: 'alice', by: 'carol', reason: 'test' });
  expect(performance.now() - started).toBeLessThan(FAST_MS);
  expect(answer.cut).toHaveLength(1);
  expect(await bed.control.sessions()).toEqual([]);
  running.type('echo lat""er\n');
  running.child.kill('SIGCONT');
  const done = await running.finished;
  expect(done.stdout.toString()).not.toContain('later');
  expect(done.stdout.toString().endsWith(TERMINATED)).toBe(true);
});
