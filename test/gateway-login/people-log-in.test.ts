import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventRecord } from '#contract/event.ts';
import { runSsh } from '../testbed/ssh.ts';
import { newClientKey, openBed, tryLogin, type Bed } from './bed.ts';

describe('people log in', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await openBed({ banner: 'Authorised use only.\nEverything is recorded.' });
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  const methods = ['publickey', 'password', 'keyboard-interactive'];

  test.each([
    ['password', { password: 'right' }],
    ['keyboard-interactive', { password: 'right', tryKeyboard: true }],
  ])('by %s, in any case of the name', async (method, config) => {
    const attempt = await tryLogin(bed.port, { username: 'aLICE', ...config });
    expect(attempt).toMatchObject({ isIn: true, output: 'in as Alice\n' });
    const event = await bed.event('login.succeeded', ({ port }) => port === bed.logins.at(-1)?.port);
    expect(event).toMatchObject({
      user: 'Alice',
      address: '127.0.0.1',
      channel: 'ssh',
      data: { method, typedName: 'aLICE', clientSoftware: 'ssh2js1.17.0', login: bed.logins.at(-1)?.id },
    });
    const ended = await bed.event('login.ended', ({ port }) => port === event.port);
    expect(ended).toMatchObject({ user: 'Alice', data: { reason: 'client', login: event.data['login'] } });
  });

  test.each(['alice', 'aliceRsa'] as const)('by public key (%s)', async (name) => {
    const key = bed.keys[name];
    const attempt = await tryLogin(bed.port, { username: 'alice', privateKey: key.privateKey });
    expect(attempt).toMatchObject({ isIn: true, output: 'in as Alice\n' });
    expect(bed.logins.at(-1)).toMatchObject({
      method: 'publickey',
      keyFingerprint: key.fingerprint,
      target: null,
    });
  });

  test('what stands behind the name is the target', async () => {
    await tryLogin(bed.port, { username: 'alice@root@web01', password: 'right' });
    expect(bed.logins.at(-1)).toMatchObject({
      username: 'Alice',
      target: { account: 'root', asset: 'web01' },
    });
  });

  test.each([
    ['a wrong password', { username: 'alice', password: 'wrong' }, 'wrong_password'],
    [
      'a wrong password, prompted',
      { username: 'alice', password: 'wrong', tryKeyboard: true },
      'wrong_password',
    ],
    ['an unknown user', { username: 'nobody', password: 'right' }, 'unknown_user'],
    ['a locked user', { username: 'lara', password: 'right' }, 'locked'],
    ['a blocked user', { username: 'Bert', password: 'right' }, 'login_rule'],
    ['a service user', { username: 'robot', password: 'right' }, 'service_user'],
    ['no name', { username: '', password: 'right' }, 'unknown_user'],
  ])('not %s', async (_what, config, reason) => {
    const attempt = await tryLogin(bed.port, config);
    expect(attempt).toMatchObject({ isIn: false, methods });
    const event = await bed.event(
      'login.failed',
      ({ data }) => data['reason'] === reason && data['typedName'] === config.username,
    );
    expect(event.user).toBeUndefined();
    expect(event).toMatchObject({
      address: '127.0.0.1',
      channel: 'ssh',
      data: { clientSoftware: 'ssh2js1.17.0' },
    });
  });

  test.each([
    ['a foreign key', 'alice', newClientKey(), 'key_unknown'],
    ['a suspended key', 'alice', undefined, 'key_suspended'],
    ['an own key of a service user', 'robot', 'alice', 'service_user'],
  ] as const)(
    'not with %s: one event for all keys that were shown',
    async (_what, username, given, reason) => {
      const key = given === undefined ? bed.keys.suspended : given === 'alice' ? bed.keys.alice : given;
      const attempt = await tryLogin(bed.port, { username, privateKey: key.privateKey });
      expect(attempt).toMatchObject({ isIn: false, methods });
      const fits = ({ data }: EventRecord): boolean =>
        data['reason'] === reason && data['method'] === 'publickey';
      const event = await bed.event('login.failed', fits);
      expect(event.data).toMatchObject({ typedName: username, offeredKeys: [key.fingerprint] });
    },
  );

  test('a name that was refused is told with and without its target', async () => {
    await tryLogin(bed.port, { username: 'mallory@root@web01', password: 'wrong' });
    const event = await bed.event('login.failed', ({ data }) => data['typedName'] === 'mallory@root@web01');
    expect(event.data['typedUser']).toBe('mallory');
    expect(event.user).toBeUndefined();
  });

  test('with the real ssh: key, password, and a wrong password with its exit code and words', async () => {
    const { folder, port } = bed;
    const identityFile = join(folder, 'alice-key');
    await writeFile(identityFile, bed.keys.alice.privateKey, { mode: 0o600 });
    const common = { folder, port, user: 'alice', command: ['whoami'] };
    const byKey = await runSsh({ ...common, identityFile });
    expect(byKey).toMatchObject({ code: 0 });
    expect(byKey.screen).toContain('in as Alice');
    const byPassword = await runSsh({ ...common, password: 'right' });
    expect(byPassword).toMatchObject({ code: 0 });
    const wrong = await runSsh({ ...common, password: 'wrong' });
    expect(wrong.code).toBe(255);
    expect(wrong.screen).toContain('Permission denied (publickey,password,keyboard-interactive).');
  });
});
