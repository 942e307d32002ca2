import { memoryUsage } from 'node:process';
import { openBed } from '../test/gateway-session/bed.ts';
import { openRealFront } from '../test/gateway-session/real-front.ts';
import { startTypist } from './clients/start-typist.ts';
import type { BenchResult } from './result.ts';

const WARM_UP = 20;
const SESSIONS = 300;

/** Memory of the gateway's process for each idle shell that is recorded, with all of its threads. */
export async function run(): Promise<readonly BenchResult[]> {
  await using bed = await openBed();
  await using front = await openRealFront(bed);
  const order = {
    port: front.port,
    username: `alice@${bed.sshd.account}@web01`,
    keyFile: front.keyFile,
    keys: 0,
    meanPauseMs: 1_000,
  };
  // What the first sessions cost once (code, pools) is not what each further one costs.
  using first = startTypist({ ...order, sessions: WARM_UP });
  await first.open;
  const before = memoryUsage().rss;
  using rest = startTypist({ ...order, sessions: SESSIONS });
  await rest.open;
  const perSession = (memoryUsage().rss - before) / SESSIONS / 1024 / 1024;
  return [
    {
      name: 'memory per idle recorded shell',
      value: perSession,
      unit: 'MiB',
      detail: `${SESSIONS} more shells on top of ${WARM_UP}, ${(memoryUsage().rss / 1024 / 1024).toFixed(0)} MiB in all; nothing collected by force`,
    },
  ];
}
