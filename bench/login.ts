import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import ssh2 from 'ssh2';
import { openBed } from '../test/gateway-login/bed.ts';
import { startSshd } from '../test/testbed/sshd.ts';
import { median, percentile, type BenchResult } from './result.ts';

/** What the clients do, in a thread of their own so that they burden the peer and us alike. */
interface Load {
  readonly port: number;
  readonly username: string;
  readonly privateKey?: string;
  readonly password?: string;
  readonly count: number;
  readonly parallel: number;
}

/** Milliseconds of each login, and of all together. */
interface Measured {
  readonly each: readonly number[];
  readonly totalMs: number;
}

function login({ port, username, privateKey, password }: Load): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const client = new ssh2.Client();
  const before = performance.now();
  client.on('ready', () => {
    resolve(performance.now() - before);
    client.end();
  });
  client.on('error', reject);
  client.connect({
    host: '127.0.0.1',
    port,
    username,
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(password === undefined ? {} : { password }),
    algorithms: { kex: ['curve25519-sha256'], cipher: ['aes128-gcm@openssh.com'] },
  });
  return promise;
}

async function apply(load: Load): Promise<Measured> {
  const each: number[] = [];
  let left = load.count;
  const before = performance.now();
  const lane = async (): Promise<void> => {
    while (left-- > 0) each.push(await login(load));
  };
  await Promise.all(Array.from({ length: load.parallel }, lane));
  return { each, totalMs: performance.now() - before };
}

function measure(load: Load): Promise<Measured> {
  const { promise, resolve, reject } = Promise.withResolvers<Measured>();
  const worker = new Worker(import.meta.filename, { workerData: load });
  worker.once('message', resolve);
  worker.once('error', reject);
  return promise;
}

if (!isMainThread) parentPort?.postMessage(await apply(workerData as Load));

export async function run(): Promise<readonly BenchResult[]> {
  await using sshd = await startSshd();
  await using bed = await openBed();
  const keyLoad = { count: 400, parallel: 8 };
  const own: Load = { port: bed.port, username: 'alice', privateKey: bed.keys.alice.privateKey, ...keyLoad };
  const peer: Load = { port: sshd.port, username: sshd.account, privateKey: sshd.privateKey, ...keyLoad };
  await measure({ ...own, count: 50 });
  const ours = await measure(own);
  const theirs = await measure(peer);
  const { privateKey: _unused, ...byPassword } = own;
  const passwords = await measure({ ...byPassword, password: 'right', count: 100 });
  const perSecond = ({ each, totalMs }: Measured): number => (each.length * 1_000) / totalMs;
  const round = (value: number): string => value.toFixed(1);
  const ratio = perSecond(ours) / perSecond(theirs);
  return [
    {
      name: 'logins by public key, 8 at a time',
      value: perSecond(ours),
      unit: 'per s',
      detail: `sshd in the same run ${round(perSecond(theirs))}/s, ratio ${round(ratio)}; every login stored before it opens`,
    },
    {
      name: 'login by public key, median',
      value: median(ours.each),
      unit: 'ms',
      detail: `p99 ${round(percentile(ours.each, 0.99))}; sshd ${round(median(theirs.each))}, p99 ${round(percentile(theirs.each, 0.99))}`,
    },
    {
      name: 'logins by password, 8 at a time',
      value: perSecond(passwords),
      unit: 'per s',
      detail: 'argon2id 19 MiB, two at once; no peer: sshd leaves passwords to the system',
    },
  ];
}
