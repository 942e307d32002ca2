import { openBed, type BedOptions } from '../../test/gateway-session/bed.ts';
import { openRealFront } from '../../test/gateway-session/real-front.ts';
import { percentile, type BenchResult } from '../result.ts';
import { startTypist } from './start-typist.ts';
import type { TypistOrder } from './typist.ts';

type Typing = Pick<TypistOrder, 'sessions' | 'keys' | 'meanPauseMs' | 'what'>;

/** What the gateway adds to what people wait for: through it, and directly to the same sshd, as many at once. */
export async function compareTypists(
  typing: Typing,
  { name, unit }: { readonly name: string; readonly unit: string },
  options: BedOptions = {},
): Promise<readonly BenchResult[]> {
  await using bed = await openBed(options);
  await using front = await openRealFront(bed);
  const { port, account, privateKeyFile } = bed.sshd;
  const direct = await measure({ ...typing, port, username: account, keyFile: privateKeyFile });
  const username = `alice@${account}@web01`;
  const through = await measure({ ...typing, port: front.port, username, keyFile: front.keyFile });
  const rate = Math.round((typing.sessions * 1000) / typing.meanPauseMs);
  return [0.5, 0.99].map((fraction) => {
    const ours = percentile(through, fraction);
    const theirs = percentile(direct, fraction);
    return {
      name: `${name}, added at p${fraction * 100}`,
      value: ours - theirs,
      unit: 'ms',
      detail: `${ours.toFixed(2)} ms through, ${theirs.toFixed(2)} ms direct; ${typing.sessions} sessions, ${rate} ${unit}/s, recorded`,
    };
  });
}

async function measure(order: TypistOrder): Promise<readonly number[]> {
  using typist = startTypist(order);
  await typist.open;
  return await typist.echoes;
}
