import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { openBed } from '../test/gateway-session/bed.ts';
import { openRealFront } from '../test/gateway-session/real-front.ts';
import { startTypist } from './clients/start-typist.ts';
import type { TypistOrder } from './clients/typist.ts';
import { percentile, type BenchResult } from './result.ts';

const SESSIONS = 200;
const LINES = 20;
const MEAN_PAUSE_MS = 2_000;

/**
 * A line sent to bash, from Enter to the next prompt: through the gateway, where it is held, read, judged and
 * written down, and directly to the same sshd, with as many people at work.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const rule = { name: 'no-su', kind: 'program', patterns: ['su', 'passwd', 'reboot'], verdict: 'deny' };
  await using bed = await openBed({ commandRules: [CommandRuleInput.parse(rule)] });
  await using front = await openRealFront(bed);
  const common = { sessions: SESSIONS, keys: LINES, meanPauseMs: MEAN_PAUSE_MS, what: 'lines' } as const;
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
      name: `Enter to prompt, added at p${fraction * 100}`,
      value: ours - theirs,
      unit: 'ms',
      detail: `${ours.toFixed(2)} ms through, ${theirs.toFixed(2)} ms direct; ${SESSIONS} sessions, ${rate} lines/s, recorded`,
    };
  });
}

async function measure(order: TypistOrder): Promise<readonly number[]> {
  using typist = startTypist(order);
  await typist.open;
  return await typist.echoes;
}
