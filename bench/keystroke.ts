import { openBed } from '../test/gateway-session/bed.ts';
import { openRealFront } from '../test/gateway-session/real-front.ts';
import { startTypist } from './clients/start-typist.ts';
import type { TypistOrder } from './clients/typist.ts';
import { percentile, type BenchResult } from './result.ts';

const SESSIONS = 100;
const KEYS = 60;
const MEAN_PAUSE_MS = 200;

/**
 * A key typed into a shell, from the client's write to its echo: through the gateway with every key and echo
 * recorded, and directly to the same sshd, each with the same number of people typing at once.
 */
export async function run(): Promise<readonly BenchResult[]> {
  await using bed = await openBed();
  await using front = await openRealFront(bed);
  const common = { sessions: SESSIONS, keys: KEYS, meanPauseMs: MEAN_PAUSE_MS };
  const direct = await measure({
    ...common,
    port: bed.sshd.port,
    username: bed.sshd.account,
    keyFile: bed.sshd.privateKeyFile,
  });
  const through = await measure({
    ...common,
    port: front.port,
    username: `alice@${bed.sshd.account}@web01`,
    keyFile: front.keyFile,
  });
  const rate = Math.round((SESSIONS * 1000) / MEAN_PAUSE_MS);
  return [0.5, 0.99].map((fraction) => {
    const ours = percentile(through, fraction);
    const theirs = percentile(direct, fraction);
    return {
      name: `key to echo, added at p${fraction * 100}`,
      value: ours - theirs,
      unit: 'ms',
      detail: `${ours.toFixed(2)} ms through, ${theirs.toFixed(2)} ms direct; ${SESSIONS} sessions, ${rate} keys/s, recorded`,
    };
  });
}

async function measure(order: TypistOrder): Promise<readonly number[]> {
  using typist = startTypist(order);
  await typist.open;
  return await typist.echoes;
}
