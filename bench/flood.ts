import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { openGate } from '#gateway/ssh/session/gate.ts';
import { openBed, type Bed, type BedOptions } from '../test/gateway-session/bed.ts';
import { median, type BenchResult } from './result.ts';
import { forbidding } from '../test/testbed/command-rules.ts';

const MEBIBYTES = 1_024;
const ROUNDS = 3;
const SAMPLE_MS = 100;
/**
 * The terminal's own CR LF for each LF costs the kernel so much (5 MB/s in all) that nothing behind it would be
 * measured: it is switched off, and the flood brings the same bytes itself.
 */
const FLOOD = `stty -opost; yes "$(printf 'y\\r')" | head -c ${MEBIBYTES}M`;
const RULED: BedOptions = {
  commandRules: [forbidding('no-identity-change', 'su', 'reboot')],
};

interface Flood {
  readonly megabytesPerSecond: number;
  /** Processor time of the gateway's process with all of its threads: unlike speed, nobody else's. */
  readonly cpuSecondsPerGigabyte: number;
  /** Memory of the process, one sample after the other. */
  readonly rss: readonly number[];
}

/**
 * `yes` in a shell on a terminal, through the gateway with command rules and recorded: with the shell gate in
 * the stream, and through a gateway that differs in nothing but that, in turns.
 */
export async function run(): Promise<readonly BenchResult[]> {
  const gated: Flood[] = [];
  const open: Flood[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    gated.push(await flood(RULED));
    open.push(await flood({ ...RULED, channelGate: () => openGate }));
  }
  const ours = median(gated.map((one) => one.megabytesPerSecond));
  const theirs = median(open.map((one) => one.megabytesPerSecond));
  const growth = gated.map(
    ({ rss }) => median(rss.slice(rss.length / 2)) - median(rss.slice(0, rss.length / 2)),
  );
  return [
    {
      name: 'flood in a shell, through the gate, recorded',
      value: ours,
      unit: 'MB/s',
      detail: `${theirs.toFixed(0)} MB/s without the gate in the same run; ${MEBIBYTES} MiB of yes on a terminal, median of ${ROUNDS}`,
    },
    { name: 'flood in a shell, against no gate', value: ours / theirs, unit: '×' },
    {
      name: 'gateway in a flood, with the gate',
      value: median(gated.map((one) => one.cpuSecondsPerGigabyte)),
      unit: 'CPU s/GB',
      detail: `${median(open.map((one) => one.cpuSecondsPerGigabyte)).toFixed(2)} without the gate`,
    },
    {
      name: 'memory, second half of a flood against the first',
      value: median(growth) / 2 ** 20,
      unit: 'MiB',
      detail: `most in all ${(Math.max(...gated.flatMap(({ rss }) => rss)) / 2 ** 20).toFixed(0)} MiB; rss of the gateway's process`,
    },
  ];
}

async function flood(options: BedOptions): Promise<Flood> {
  await using bed = await openBed(options);
  const rss: number[] = [];
  const cpuBefore = process.cpuUsage();
  const sampling = setInterval(() => rss.push(process.memoryUsage.rss()), SAMPLE_MS);
  try {
    await typeFlood(bed);
  } finally {
    clearInterval(sampling);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const megabytes = MEBIBYTES * 1.048576;
  const [start = 0n, end = 0n] = (await readFile(`${bed.folder}/times`, 'utf8'))
    .trim()
    .split('\n')
    .map(BigInt);
  return {
    megabytesPerSecond: megabytes / (Number(end - start) / 1e9),
    cpuSecondsPerGigabyte: (user + system) / 1e6 / (megabytes / 1e3),
    rss,
  };
}

/** The asset notes the times, so that logging in and out does not count. */
async function typeFlood(bed: Bed): Promise<void> {
  const target = `alice@${bed.sshd.account}@web01`;
  const child = spawn('ssh', ['-tt', ...bed.ssh(target)], { stdio: ['pipe', 'ignore', 'inherit'] });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('exit', resolve);
  const note = `date +%s%N >> ${bed.folder}/times`;
  child.stdin.write(`${note}; ${FLOOD}; ${note}; exit\n`);
  const code = await promise;
  if (code !== 0) throw new Error(`ssh ended with ${code}`);
}
