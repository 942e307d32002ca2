import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from '#api/start-api.ts';
import { Secret } from '#lib/secret.ts';
import type { Connector } from '#responder/connectors/connector.ts';
import { openJumpServer } from '#responder/connectors/jumpserver/open.ts';
import { startListening } from '../api/listening.ts';
import { type ContractBed, createContractBed, openWebSession, startedRecovery } from './contract-bed.ts';

const never = new AbortController().signal;

/** The connector was written against JumpServers: whatever it asks of one must be answered here. */
describe.each([
  [3, 'token'],
  [4, 'access-key'],
] as const)('version %i, with %s', (version, kind) => {
  let world: ContractBed;
  let api: Api;
  let connector: Connector;
  beforeAll(async () => {
    world = await createContractBed({
      recovery: { start: async (username, by) => startedRecovery(username, by) },
      http: { jumpserverVersion: version },
    });
    api = await startListening(world.bed, { jumpserverVersion: version });
    await world.bed.person('portcullis', ['admin'], 'service');
    const created = await world.bed.local('POST', '/v1/tokens', { user: 'portcullis', kind });
    const id = String(created.body['id']);
    connector = await openJumpServer(
      {
        name: 'other',
        kind: 'jumpserver',
        url: `http://${api.addresses[0]}`,
        caFile: null,
        dangerouslyAcceptAnyCertificate: false,
        credential: kind === 'token' ? { kind, file: '' } : { kind, id, file: '' },
        version: 'auto',
        organisations: 'all',
        breakGlassUsers: [],
      },
      new Secret(String(created.body['token'])),
    );
  });
  afterAll(async () => {
    connector.close();
    await api[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
  });

  const alice = async (): Promise<NonNullable<Awaited<ReturnType<Connector['findUser']>>>> => {
    const found = await connector.findUser('alice', never);
    if (found === null) throw new Error('alice is not found');
    return found;
  };

  test('it knows the version, and that nothing is missing', async () => {
    const report = await connector.check(never);
    expect(report).toMatchObject({ usable: true, version });
    const failing = report.checks.filter(({ status }) => status !== 'ok').map(({ name }) => name);
    expect(failing).toEqual([]);
    expect(await connector.self(never)).toMatchObject({ username: 'portcullis' });
  });

  test('it finds one user by exact name, and the other administrator', async () => {
    expect(await alice()).toMatchObject({ id: world.ids['alice'], username: 'alice', isActive: true });
    expect(await connector.findUser('alic', never)).toBeNull();
    expect(await connector.hasOtherAdministrator(await alice(), never)).toBe(true);
  });

  test('it corroborates what happened, ends sessions, disables and recovers', async () => {
    const user = await alice();
    const denied = (await world.bed.events()).find((one) => one.type === 'command.denied');
    if (denied === undefined) throw new Error('no event');
    expect(await connector.corroborates(denied, user, never)).toBe(true);

    await world.bed.storage.state.transact(async (tx) => {
      await tx.insertInto('web_sessions').values(openWebSession(user.id, world.bed.time.nowMs)).execute();
    });
    expect(await connector.endWebSessions(user, never)).toBe(1);
    const sessions = await connector.sessions(user, never);
    expect(sessions.map(({ id }) => id)).toEqual([world.sessionId]);
    await connector.killSessions(sessions, never);
    expect(world.bed.live.filter(({ id }) => id === world.sessionId)).toEqual([]);
    expect(await connector.setActive(user, false, never)).toMatchObject({ isActive: false });

    await connector.resetPassword(user, never);
    await connector.resetMfa(user, never);
    await connector.unblock(user, never);
    expect(await connector.setActive(user, true, never)).toMatchObject({ isActive: true });
    expect(world.bed.forgiven).toContain('alice');
  });
});
