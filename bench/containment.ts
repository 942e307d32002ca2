import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import ssh2, { type Client } from 'ssh2';
import type { World } from '#main/demo/world.ts';
import { startWorld } from '../test/testbed/world.ts';
import { median, percentile, type BenchResult } from './result.ts';

const LOADED_SERVER = join(import.meta.dirname, 'clients', 'loaded-server.ts');
const SESSIONS = 200;
/** Logins at a time. */
const AT_ONCE = 4;
const ROUNDS = Number(process.env['PORTCULLIS_BENCH_ROUNDS'] ?? 10);
const SETTLE_MS = 500;
const BESIDE_PER_SECOND = 10_000;

/**
 * From sending the third forbidden command to the moment the last of a user's sessions is gone and the account
 * locked, as clients see it. Everything is real and on this machine: server process, sshd, journal, detection,
 * lock; beside it other events are published, judged and archived.
 */
export async function run(): Promise<readonly BenchResult[]> {
  return [...(await contain(0)), ...(await contain(BESIDE_PER_SECOND))];
}

async function contain(besidePerSecond: number): Promise<readonly BenchResult[]> {
  await using world = await startWorld({
    config: { limits: { connectionsPerAddress: 1_000, pendingConnections: 1_000 } },
    ...(besidePerSecond === 0 ? {} : { wrapper: [process.execPath, LOADED_SERVER, String(besidePerSecond)] }),
  });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await measure(world));
  const beside = besidePerSecond === 0 ? 'alone' : `beside ${besidePerSecond} events/s`;
  const all = times.map((ms) => Math.round(ms)).join(' ');
  const detail = `${SESSIONS} live sessions, ${ROUNDS} rounds: ${all}; a SIEM that polls takes about ten seconds`;
  const name = `third denied command → last session cut, ${beside}`;
  return [
    { name: `${name}, median`, value: median(times), unit: 'ms', detail },
    { name: `${name}, worst`, value: percentile(times, 1), unit: 'ms', detail },
  ];
}

/** A logged-in client and its connection. */
interface Person {
  readonly client: Client;
  readonly socket: Socket;
}

async function login(world: World): Promise<Person> {
  const client = new ssh2.Client();
  const socket = connect(world.server.sshPort, '127.0.0.1');
  client.on('error', () => undefined);
  client.connect({
    sock: socket,
    username: `alice@${world.account}@web01`,
    password: world.people.alice.password,
  });
  await once(client, 'ready');
  return { client, socket };
}

/**
 * Resolves when the end of the session has come out of the socket. It is not read: two hundred clients in one
 * thread would measure themselves.
 */
async function told({ socket }: Person): Promise<void> {
  socket.removeAllListeners('data');
  await once(socket, 'data');
}

function exec(client: Client, command: string): Promise<ssh2.ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ssh2.ClientChannel>();
  client.exec(command, (error, channel) => (error === undefined ? resolve(channel) : reject(error)));
  return promise;
}

/** Resolves when the channel was closed; what it says is read and thrown away. */
async function closed(channel: ssh2.ClientChannel): Promise<void> {
  channel.resume();
  channel.stderr.resume();
  await once(channel, 'close');
}

async function measure(world: World): Promise<number> {
  const people: Person[] = [];
  const logIn = async (): Promise<void> => {
    const person = await login(world);
    await exec(person.client, 'sleep 100');
    people.push(person);
  };
  for (let index = 0; index < SESSIONS; index += AT_ONCE)
    await Promise.all(Array.from({ length: AT_ONCE }, logIn));
  const { client: offender } = await login(world);
  await closed(await exec(offender, 'su'));
  await closed(await exec(offender, 'su -'));
  await caughtUp(world);
  await settled();
  const ended = people.map(told);
  const startedAt = performance.now();
  const third = exec(offender, '/bin/su').then(closed, () => undefined);
  await Promise.all(ended);
  const tookMs = performance.now() - startedAt;
  await third;
  for (const { socket } of people) socket.destroy();
  await letIn(world);
  return tookMs;
}

/** So many logins at once take the machine's time; what is measured is a day on which detection keeps up. */
async function caughtUp(world: World): Promise<void> {
  for (;;) {
    const report = await world.server.api<{ checks: readonly { name: string; detail: string }[] }>(
      'GET',
      '/v1/doctor',
    );
    const { detail = '' } = report.body.checks.find(({ name }) => name === 'detection') ?? {};
    const [, position = '0', head = '0'] = /position (\d+) of (\d+)/.exec(detail) ?? [];
    if (Number(head) - Number(position) < BESIDE_PER_SECOND / 10) return;
    await delay(200);
  }
}

/** Two hundred logins leave work behind, at the asset too: resolves when a core is free half of the time. */
async function settled(): Promise<void> {
  for (let before = await idleSeconds(); ;) {
    await delay(SETTLE_MS);
    const now = await idleSeconds();
    if ((now - before) * 1000 >= SETTLE_MS / 2) return;
    before = now;
  }
}

/** Idle time of all cores since the machine was started, from /proc/uptime. */
async function idleSeconds(): Promise<number> {
  return Number((await readFile('/proc/uptime', 'utf8')).split(' ')[1]);
}

/** Ends the containment, so that the next round is an episode of its own. */
async function letIn(world: World): Promise<void> {
  const locks = await world.server.api<{ items: readonly { id: string }[] }>('GET', '/v1/locks');
  for (const { id } of locks.body.items) await world.server.api('DELETE', `/v1/locks/${id}`);
}
