import { spawn } from 'node:child_process';
import { openBed } from '../test/gateway-session/bed.ts';
import { openRealFront } from '../test/gateway-session/real-front.ts';
import { startSshd, type Sshd } from '../test/testbed/sshd.ts';
import { median, type BenchResult } from './result.ts';

const AT_ONCE = 4;
const SESSIONS = 40;
const ROUNDS = 3;
const SSH =
  '-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o IdentitiesOnly=yes'.split(
    ' ',
  );

/**
 * Whole sessions a second: log in with a key, run a command that does nothing, leave. Through the gateway,
 * recorded, and through OpenSSH's ProxyJump to the same asset, in turns.
 */
export async function run(): Promise<readonly BenchResult[]> {
  await using bed = await openBed();
  await using front = await openRealFront(bed);
  await using jump = await startSshd();
  const gateway = [
    ...SSH,
    '-i',
    front.keyFile,
    '-p',
    String(front.port),
    `alice@${bed.sshd.account}@web01@127.0.0.1`,
    'true',
  ];
  const peer = proxyJump(bed.sshd, jump);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await perSecond(gateway));
    theirs.push(await perSecond(peer));
  }
  return [
    {
      name: 'new sessions, public key, recorded',
      value: median(ours),
      unit: '/s',
      detail: `ProxyJump ${median(theirs).toFixed(1)}/s in the same run; ${AT_ONCE} at once, median of ${ROUNDS} × ${SESSIONS}`,
    },
    { name: 'new sessions, against ProxyJump', value: median(ours) / median(theirs), unit: '×' },
  ];
}

function proxyJump(target: Sshd, jump: Sshd): string[] {
  const proxy = ['ssh', ...SSH, '-i', jump.privateKeyFile, '-p', String(jump.port), '-W', '%h:%p'];
  return [
    ...SSH,
    '-o',
    `ProxyCommand=${[...proxy, `${jump.account}@127.0.0.1`].join(' ')}`,
    '-i',
    target.privateKeyFile,
    '-p',
    String(target.port),
    `${target.account}@127.0.0.1`,
    'true',
  ];
}

async function perSecond(args: readonly string[]): Promise<number> {
  const started = performance.now();
  let left = SESSIONS;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        await connectOnce(args);
      }
    }),
  );
  return SESSIONS / ((performance.now() - started) / 1000);
}

async function connectOnce(args: readonly string[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<number | null>();
  spawn('ssh', args, { stdio: ['ignore', 'ignore', 'inherit'] }).once('exit', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`ssh ended with ${code}`);
}
