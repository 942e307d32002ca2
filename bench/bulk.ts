import { spawn } from 'node:child_process';
import { openBed } from '../test/gateway-session/bed.ts';
import { startSshd, type Sshd } from '../test/testbed/sshd.ts';
import { median, type BenchResult } from './result.ts';

const MEGABYTES = 800;
const ROUNDS = 5;
const CIPHER = 'aes128-gcm@openssh.com';
const SSH = '-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR'
  .split(' ')
  .concat('-c', CIPHER);

/**
 * Bulk output of a command, recorded, against OpenSSH's own ProxyJump through a second sshd: same client, same
 * asset, same cipher, in turns, so that whatever else the machine does hits both.
 */
export async function run(): Promise<readonly BenchResult[]> {
  await using bed = await openBed();
  await using jump = await startSshd();
  const command = (source: string): string => `head -c ${MEGABYTES}M ${source}`;
  const gateway = [...SSH, '-o', 'PreferredAuthentications=none', '-p', String(bed.port)];
  const gatewayArgs = [...gateway, `alice@${bed.sshd.account}@web01@127.0.0.1`];
  const jumpArgs = proxyJump(bed.sshd, jump);

  const results: BenchResult[] = [];
  // Zeros compress in the recording; random bytes do not: the cheapest and the dearest thing to record.
  const noise = `${bed.folder}/noise`;
  await transfer(['-c', `head -c ${MEGABYTES}M /dev/urandom > ${noise}`], 'sh');
  for (const [what, source] of [
    ['zeros', '/dev/zero'],
    ['random bytes', noise],
  ] as const) {
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      ours.push(await transfer([...gatewayArgs, command(source)]));
      theirs.push(await transfer([...jumpArgs, command(source)]));
    }
    const peer = median(theirs);
    results.push(
      {
        name: `exec download, ${what}, recorded`,
        value: median(ours),
        unit: 'MB/s',
        detail: `ProxyJump ${peer.toFixed(0)} MB/s in the same run; ${CIPHER}, ${MEGABYTES} MiB, median of ${ROUNDS}`,
      },
      { name: `exec download, ${what}, against ProxyJump`, value: median(ours) / peer, unit: '×' },
    );
  }
  return results;
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
  ];
}

/** Megabytes a second, from the start of the program to its end. */
async function transfer(args: readonly string[], program = 'ssh'): Promise<number> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('exit', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
  return (MEGABYTES * 1.048576) / ((performance.now() - started) / 1000);
}
