import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createZone } from '#domain/syslog/zone.ts';
import { createDispatch } from '#intake/dispatch.ts';
import { openTypeFolders } from '#intake/type-folders.ts';
import { SourceTable } from '#intake/sources/source-table.ts';
import { newId } from '#lib/ids.ts';
import { createLogger } from '#lib/log.ts';
import type { World } from '#main/demo/world.ts';
import { startWorld } from '../test/testbed/world.ts';
import { cpuSeconds } from './clients/cpu-seconds.ts';
import { commandLines, LINE_BYTES } from './clients/jumpserver-lines.ts';
import { startRsyslog } from './clients/rsyslog.ts';
import { startSender } from './clients/start-sender.ts';
import { median, type BenchResult } from './result.ts';

const SHIPPED_TYPES = join(import.meta.dirname, '..', 'content', 'log-sources');
const CORES = 2;
const PARSED_LINES = 40_000;
const PARSE_ROUNDS = 7;
const TCP_LINES = 200_000;
const DATAGRAMS = 150_000;
const DATAGRAMS_PER_SECOND = 50_000;

/** Syslog as JumpServer sends it: reading alone, through a whole server, and what rsyslog makes of the same lines. */
export async function run(): Promise<readonly BenchResult[]> {
  const parsing = await parseAlone();
  await using world = await startWorld({
    config: { intake: { udp: ['127.0.0.1:0'], tcp: ['127.0.0.1:0'] } },
  });
  const peer = await throughRsyslog();
  return [...parsing, ...(await overTcp(world)), ...peer, ...(await overUdp(world))];
}

/** Bytes → header → type → event, on one core. */
async function parseAlone(): Promise<readonly BenchResult[]> {
  using folders = await openTypeFolders({ folders: [SHIPPED_TYPES], newId, onReload: () => undefined });
  const zone = createZone('UTC');
  if (zone === undefined) throw new Error('there is no UTC');
  let events = 0;
  const table = new SourceTable();
  const dispatch = createDispatch({
    queue: { add: (some) => (events += some.length) },
    sources: {
      find: ({ peer, hostname, appName }) => table.find(peer.address, hostname, appName),
      count: () => undefined,
    },
    normalise: folders.normalise,
    zone,
    clock: Date.now,
    newId,
    logger: createLogger('warn'),
  });
  const peer = { address: '127.0.0.1', port: 1, transport: 'tcp' } as const;
  const rates: number[] = [];
  for (let round = 0; round < PARSE_ROUNDS; round += 1) {
    const lines = commandLines(PARSED_LINES, round * PARSED_LINES, round);
    const startedAt = performance.now();
    for (let at = 0; at < lines.length; at += LINE_BYTES)
      dispatch.take({ bytes: lines.subarray(at, at + LINE_BYTES - 1), untruncatedSize: null }, peer);
    rates.push((PARSED_LINES * 1000) / (performance.now() - startedAt));
  }
  if (events !== PARSE_ROUNDS * PARSED_LINES) throw new Error('not every line became an event');
  const detail = `${LINE_BYTES} bytes each, one core, median of ${PARSE_ROUNDS}, target 300000`;
  return [{ name: 'parsing alone', value: median(rates), unit: 'lines/s', detail }];
}

async function overTcp(world: World): Promise<readonly BenchResult[]> {
  const needle = '<14>app: needle-behind-the-stream';
  const order = { transport: 'tcp', lines: TCP_LINES, firstId: 1_000_000, perSecond: 0, needle } as const;
  const port = await intakePort(world, 'tcp');
  using sender = await startSender({ ...order, port });
  const cpuBefore = await cpuSeconds(world.server.pid);
  const startedAt = performance.now();
  const sentMs = await sender.send();
  await untilReceived(world, TCP_LINES + 1);
  const takenMs = performance.now() - startedAt;
  await untilFound(world, 'needle-behind-the-stream');
  const foundMs = performance.now() - startedAt;
  const cpu = (await cpuSeconds(world.server.pid)) - cpuBefore;
  const behind = `sent in ${Math.round(sentMs)} ms, all taken after ${Math.round(takenMs)}, the last found after ${Math.round(foundMs)}`;
  return [
    {
      name: 'TCP → searchable, wall clock',
      value: (TCP_LINES * 1000) / foundMs,
      unit: 'events/s',
      detail: `${behind}; sender on the same cores`,
    },
    {
      name: 'TCP → searchable, two cores of CPU',
      value: (TCP_LINES * CORES) / cpu,
      unit: 'events/s',
      detail: `${((cpu * 1e6) / TCP_LINES).toFixed(1)} µs CPU an event, all server processes, target 100000`,
    },
  ];
}

async function overUdp(world: World): Promise<readonly BenchResult[]> {
  const port = await intakePort(world, 'udp');
  const order = { transport: 'udp', lines: DATAGRAMS, firstId: 2_000_000, needle: '' } as const;
  using sender = await startSender({ ...order, port, perSecond: DATAGRAMS_PER_SECOND });
  const before = await counts(world);
  const cpuBefore = await cpuSeconds(world.server.pid);
  const sentMs = await sender.send();
  let after = await counts(world);
  // What the kernel dropped is read once a second.
  for (let tries = 0; tries < 50 && after.total - before.total < DATAGRAMS; tries += 1) {
    await delay(100);
    after = await counts(world);
  }
  const received = after.received - before.received;
  const dropped = after.dropped - before.dropped;
  const cpu = (await cpuSeconds(world.server.pid)) - cpuBefore;
  const missing = DATAGRAMS - received - dropped;
  return [
    {
      name: `UDP taken of ${Math.round((DATAGRAMS * 1000) / sentMs)} datagrams/s`,
      value: (received * 1000) / sentMs,
      unit: 'events/s',
      detail: `${DATAGRAMS} sent, ${received} taken, ${dropped} dropped and counted, ${missing} unaccounted; ${cpu.toFixed(1)} s CPU; target 50000`,
    },
  ];
}

async function throughRsyslog(): Promise<readonly BenchResult[]> {
  await using rsyslog = await startRsyslog();
  if (rsyslog === undefined) return [];
  const { pid, port } = rsyslog;
  const order = { transport: 'tcp', lines: TCP_LINES, firstId: 0, perSecond: 0, needle: '<14>end' } as const;
  using sender = await startSender({ ...order, port });
  const cpuBefore = await cpuSeconds(pid);
  const startedAt = performance.now();
  await sender.send();
  while ((await rsyslog.written()) < TCP_LINES * LINE_BYTES) await delay(10);
  const tookMs = performance.now() - startedAt;
  const cpu = (await cpuSeconds(pid)) - cpuBefore;
  return [
    {
      name: 'peer: rsyslog, imptcp → file, wall clock',
      value: (TCP_LINES * 1000) / tookMs,
      unit: 'lines/s',
      detail: `${((cpu * 1e6) / TCP_LINES).toFixed(1)} µs CPU a line; reads no fields, judges nothing, syncs nothing`,
    },
  ];
}

interface Report {
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
}

async function intakeDetail({ server }: World): Promise<string> {
  const { body } = await server.api<Report>('GET', '/v1/doctor');
  return body.checks.find(({ name }) => name === 'intake')?.detail ?? '';
}

async function intakePort(world: World, transport: 'udp' | 'tcp'): Promise<number> {
  return Number(new RegExp(`${transport} 127\\.0\\.0\\.1:(\\d+)`).exec(await intakeDetail(world))?.[1]);
}

async function counts(world: World): Promise<Readonly<Record<'received' | 'dropped' | 'total', number>>> {
  const seen = [...(await intakeDetail(world)).matchAll(/(\d+) received, (\d+) dropped/g)];
  const sum = (place: number): number => seen.reduce((total, found) => total + Number(found[place]), 0);
  const [received, dropped] = [sum(1), sum(2)];
  return { received, dropped, total: received + dropped };
}

async function untilReceived(world: World, messages: number): Promise<void> {
  while ((await counts(world)).received < messages) await delay(100);
}

async function untilFound({ server }: World, word: string): Promise<void> {
  for (;;) {
    const found = await server.api<{ items?: readonly unknown[] }>('GET', `/v1/events?text=${word}`);
    if ((found.body.items?.length ?? 0) > 0) return;
    await delay(200);
  }
}
