import ssh2, { type Client } from 'ssh2';
import { once } from 'node:events';
import type { World } from '#main/demo/world.ts';
import { startWorld } from '../test/testbed/world.ts';
import { median, percentile, type BenchResult } from './result.ts';

const SESSIONS = 50;
const ROUNDS = 6;

/**
 * From sending the third forbidden command to the moment the last of a user's sessions is gone, as its clients
 * see it. Everything is real and on this machine: server process, sshd, journal, detection, lock.
 */
export async function run(): Promise<readonly BenchResult[]> {
  await using world = await startWorld({
    limits: { connectionsPerAddress: 1_000, pendingConnections: 1_000 },
  });
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) times.push(await measure(world));
  const detail = `${SESSIONS} live sessions, ${ROUNDS} rounds; a SIEM that polls takes about ten seconds`;
  return [
    { name: 'third denied command → last session cut, median', value: median(times), unit: 'ms', detail },
    {
      name: 'third denied command → last session cut, worst',
      value: percentile(times, 1),
      unit: 'ms',
      detail,
    },
  ];
}

async function login(world: World): Promise<Client> {
  const client = new ssh2.Client();
  client.on('error', () => undefined);
  client.connect({
    host: '127.0.0.1',
    port: world.server.sshPort,
    username: `alice@${world.account}@web01`,
    password: world.people.alice.password,
  });
  await once(client, 'ready');
  return client;
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
  const ended: Promise<unknown>[] = [];
  for (let index = 0; index < SESSIONS; index += 1) {
    const client = await login(world);
    const channel = await exec(client, 'sleep 1000');
    ended.push(closed(channel));
  }
  const offender = await login(world);
  await closed(await exec(offender, 'su'));
  await closed(await exec(offender, 'su -'));
  const startedAt = performance.now();
  const third = exec(offender, '/bin/su').then(closed, () => undefined);
  await Promise.all(ended);
  const tookMs = performance.now() - startedAt;
  await third;
  await letIn(world);
  return tookMs;
}

/** Ends the containment, so that the next round is an episode of its own. */
async function letIn(world: World): Promise<void> {
  const locks = await world.server.api<{ items: readonly { id: string }[] }>('GET', '/v1/locks');
  for (const { id } of locks.body.items) await world.server.api('DELETE', `/v1/locks/${id}`);
}
