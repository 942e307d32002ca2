import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFolder } from '../testbed/temp-folder.ts';
import type { VictimReport } from './intake-victim.ts';
import { sendNumbered } from './numbered-lines.ts';

const isSoak = process.env['SOAK'] === '1';
const LINES = isSoak ? 10_000_000 : 100_000;
/** Parts of all lines after which the process is killed; the last life is the long one, whose memory counts. */
const KILLS = [0.05, 0.1];
const WARM = 0.2;
/** Sixteen bytes for each line behind the first fifth of ten million. Of few lines nothing can be told. */
const MAX_GROWTH_MIB = isSoak ? 128 : Number.POSITIVE_INFINITY;

/** One life of the process that takes the lines. */
interface Life extends Disposable {
  readonly child: ChildProcess;
  readonly port: number;
  readonly stored: number;
}

/** What all lives together have said. */
class Account {
  published = 0;
  read = 0;
  position = 0;
  readonly wrong: VictimReport[] = [];

  note(report: VictimReport): void {
    if (report.kind === 'published') this.published = Math.max(this.published, report.upTo);
    if (report.kind === 'wrong') this.wrong.push(report);
    if (report.kind === 'read') [this.read, this.position] = [report.upTo, report.position];
  }
}

async function live(dataDir: string, account: Account): Promise<Life> {
  const child = fork(join(import.meta.dirname, 'intake-victim.ts'), [
    dataDir,
    String(account.position),
    String(account.read),
  ]);
  const { promise, resolve, reject } = Promise.withResolvers<Omit<Life, 'child' | typeof Symbol.dispose>>();
  child.on('message', (message) => {
    const report = message as VictimReport;
    account.note(report);
    if (report.kind === 'listening') resolve(report);
  });
  child.once('exit', () => reject(new Error('the process ended before it listened')));
  const { port, stored } = await promise;
  return { child, port, stored, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

/** Resolves when so many were read, or something was wrong. */
async function untilRead({ child }: Life, account: Account, lines: number, each: () => void): Promise<void> {
  while (account.read < lines && account.wrong.length === 0) {
    await once(child, 'message');
    each();
  }
}

function residentMib({ child }: Life): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

test(
  `${LINES} lines: what was published before kill -9 is there after it, once and in order${isSoak ? ', and memory stays flat' : ''}`,
  { timeout: 3_600_000 },
  async () => {
    await using folder = await tempFolder();
    const account = new Account();
    for (const part of KILLS) {
      using life = await live(folder.path, account);
      expect(life.stored).toBeGreaterThanOrEqual(account.published);
      const sent = sendNumbered(life.port, life.stored + 1, LINES);
      await untilRead(life, account, LINES * part, () => undefined);
      const exited = once(life.child, 'exit');
      life.child.kill('SIGKILL');
      await exited;
      await sent;
    }
    expect(account.published).toBeLessThan(LINES);

    using life = await live(folder.path, account);
    expect(life.stored, 'what the stream had taken').toBeGreaterThanOrEqual(account.published);
    const startedAt = performance.now();
    const sent = sendNumbered(life.port, life.stored + 1, LINES);
    let warm = 0;
    let most = 0;
    await untilRead(life, account, LINES, () => {
      const mib = residentMib(life);
      if (account.read < LINES * WARM) warm = Math.max(warm, mib);
      most = Math.max(most, mib);
    });
    await sent;
    const seconds = (performance.now() - startedAt) / 1000;
    console.log(
      `${LINES} lines: ${Math.round((LINES - life.stored) / seconds)} /s; resident ${Math.round(warm)} MiB in the first fifth, at most ${Math.round(most)} MiB`,
    );
    expect(account.wrong).toEqual([]);
    expect(account.read).toBe(LINES);
    expect(most - warm).toBeLessThan(MAX_GROWTH_MIB);
  },
);
