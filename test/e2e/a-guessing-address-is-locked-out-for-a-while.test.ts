import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OffenseDetail, PlannedAction } from '#contract/resources/offense.ts';
import { item, observe } from '#main/demo/observe.ts';
import { createWorld, type World } from '#main/demo/world.ts';
import { tryLogin } from '../gateway-login/bed.ts';
import { freePort } from '../testbed/sshd.ts';

const PROXY = '127.0.0.2';
const NAMES = 10;

const RULE = `title: Refused password
name: refused_here
logsource: {product: portcullis, category: login}
detection: {s: {type: login.failed, data.method: password}, condition: s}
---
title: Names are tried
name: names_tried
correlation:
  type: value_count
  rules: [refused_here]
  group-by: [address]
  timespan: 30m
  condition: {gte: ${NAMES}, field: data.typedUser}
portcullis: {entity: address, mode: approve, playbook: block-briefly}
`;
/** Long enough for a login to be refused meanwhile on a slow machine, short enough to wait for. */
const PLAYBOOK = `name: block-briefly
title: Block for a moment
actions:
  - {id: block, action: block, with: {expires: 12s}}
  - {id: tell, action: mail, with: {to: responders}}
`;

/** A server with the rule and the playbook, behind a proxy that tells the real addresses. */
async function startProxiedWorld(folder: string): Promise<World> {
  for (const [name, text] of [
    ['rules', RULE],
    ['playbooks', PLAYBOOK],
  ] as const) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'own.yaml'), text);
  }
  const sshPort = await freePort();
  return createWorld({
    sshPort,
    httpPort: await freePort(),
    config: {
      ssh: { listen: [`127.0.0.1:${sshPort}`], trustedProxies: [PROXY] },
      detection: {
        rules: [join(folder, 'rules')],
        playbooks: [join(folder, 'playbooks')],
        modes: ['password_spraying=off', 'guessed_password=off', 'brute_force=off'],
      },
    },
  });
}

/** One login as from this address: through the proxy, or straight from an address of this machine. */
async function logIn(world: World, address: string, username: string, password: string): Promise<boolean> {
  const isLocal = address.startsWith('127.');
  const sock = connect({
    host: '127.0.0.1',
    port: world.server.sshPort,
    localAddress: isLocal ? address : PROXY,
  });
  await once(sock, 'connect');
  if (!isLocal) sock.write(`PROXY TCP4 ${address} 198.51.100.1 56324 2222\r\n`);
  return (await tryLogin(world.server.sshPort, { username, password, sock })).isIn;
}

const asAlice = (world: World, address: string): Promise<boolean> =>
  logIn(world, address, `alice@${world.account}@web01`, world.people.alice.password);

/** Tries one password with ten names, and gives what waits for a person then. */
async function spray(world: World, address: string, episode: number): Promise<PlannedAction> {
  for (let from = 0; from < NAMES; from += 5)
    await Promise.all(
      Array.from({ length: 5 }, (_, index) => logIn(world, address, `name${from + index}`, 'Summer2026!')),
    );
  const offense = await observe(
    world.server,
    '/v1/offenses?status=open',
    item({ entity: `@address:${address}`, episode }),
  );
  return observe(world.server, `/v1/offenses/${String(offense['number'])}`, (body) =>
    (body as OffenseDetail).actions.find(
      (one) => one.state === 'awaiting_approval' && one.action === 'block' && one.episode === episode,
    ),
  );
}

async function approved(world: World, action: PlannedAction): Promise<void> {
  const { status } = await world.server.api('POST', `/v1/actions/${action.id}/approve`);
  expect(status).toBe(200);
}

test(
  'names tried from one address: approved by mail, it is locked and no other is, until the lock ends; loopback never is',
  { timeout: 180_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-block-'));
    try {
      await using world = await startProxiedWorld(folder);
      const { server } = world;
      const action = await spray(world, '192.0.2.7', 1);
      const mail = await world.mailbox.waitFor((one) => one.text.includes(action.id));
      expect(mail.text).toContain(`portcullis action approve ${action.id}`);
      await approved(world, action);
      await observe(server, `/v1/offenses/${String(action.offenseId)}`, (body) =>
        (body as OffenseDetail).actions.find((one) => one.id === action.id && one.state === 'succeeded'),
      );
      const { body: locks } = await server.api('GET', '/v1/locks');
      expect(locks).toMatchObject({ items: [{ targetKind: 'address', target: '192.0.2.7', mode: 'cut' }] });
      expect(await asAlice(world, '192.0.2.7')).toBe(false);
      expect(await asAlice(world, '192.0.2.8')).toBe(true);

      await observe(server, '/v1/offenses', item({ entity: '@address:192.0.2.7', status: 'closed' }));
      expect(await asAlice(world, '192.0.2.7')).toBe(true);
      expect(await spray(world, '192.0.2.7', 2)).toMatchObject({ episode: 2 });

      const local = await spray(world, '127.0.0.3', 1);
      await approved(world, local);
      const refused = await world.mailbox.waitFor((one) => one.text.includes('127.0.0.3 was NOT locked'));
      expect(refused.text).toContain('this machine itself');
      expect(await asAlice(world, '127.0.0.3')).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
