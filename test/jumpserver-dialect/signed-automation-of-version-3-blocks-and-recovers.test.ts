import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authenticatorCode } from '#main/demo/authenticator.ts';
import { createWorld, type World } from '#main/demo/world.ts';
import { setUpAuthenticator } from '../testbed/set-up-authenticator.ts';
import { freePort } from '../testbed/sshd.ts';
import { runSsh, type SshOptions, startSsh } from '../testbed/ssh.ts';
import { asAlice } from '../testbed/world.ts';
import { clientOf } from './bed.ts';
import { blockUser, type DocumentedClient, type KillBody, recoverUser } from './documented-client.ts';

const PROMPT = /[$#] (?:\u001B\[[0-9;?]*[a-z])*$/i;
const NEW_PASSWORD = 'a new and longer pass phrase';
const STEP_MS = 30_000;

const asNames: KillBody = (ids) => Object.fromEntries(ids.map((id) => [id, '']));

describe('automation with an access key, written for version 3', { timeout: 180_000 }, () => {
  let world: World;
  let siem: DocumentedClient;
  let secret: string;
  /** Each counts once. */
  let recoveryCodes: string[];
  beforeAll(async () => {
    const httpPort = await freePort();
    world = await createWorld({
      sshPort: await freePort(),
      httpPort,
      config: {
        http: {
          listen: [`127.0.0.1:${httpPort}`],
          publicUrl: `http://127.0.0.1:${httpPort}`,
          jumpserverVersion: 3,
        },
      },
    });
    siem = await clientOf(world, 'siem', ['admin'], 'access-key');
    await world.server.api('PATCH', '/v1/users/alice', { secondFactor: true });
    ({ secret, recoveryCodes } = await setUpAuthenticator(world));
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const recoveryCode = (): string => recoveryCodes.pop() ?? '';
  const tryLogin = (more: Partial<SshOptions>): Promise<{ code: number | null; screen: string }> =>
    runSsh(asAlice(world, 'web01', { command: ['echo', 'let', 'in'], ...more }));

  test('finds the user by exact name alone, in the shape of version 3', async () => {
    const alice = await siem.findUser('alice');
    expect(alice).toMatchObject({
      mfa_level: { value: 2, label: expect.any(String) },
      mfa_enabled: true,
      is_active: true,
    });
    expect(Object.keys(alice)).not.toEqual(expect.arrayContaining(['lark_id']));
    for (const username of ['alic', 'alice2', 'lice', '%', ''])
      expect([username, await siem.list('/users/users/', { username })]).toEqual([username, []]);
  });

  test('cuts sessions whose ids it sends as names of an object, and keeps the user out', async () => {
    const { alice } = world.people;
    const shell = await startSsh(
      asAlice(world, 'web01', { terminal: true, code: authenticatorCode(secret, Date.now() + STEP_MS) }),
    );
    await shell.shows(PROMPT);
    const [first] = await siem.openSessions((await siem.findUser('alice')).id);
    expect(first).toMatchObject({ user: 'Alice Li(alice)', is_finished: false });
    expect(first).not.toHaveProperty('replay_size');
    // A bare array ends this one, an object the next.
    expect(await siem.kill([first?.id ?? ''])).toEqual([first?.id]);
    expect(await shell.exited).toBe(255);
    expect(shell.screen()).toContain('Terminated by admin siem');

    const again = await startSsh(asAlice(world, 'web01', { terminal: true, code: recoveryCode() }));
    await again.shows(PROMPT);
    const blocked = await blockUser(siem, 'alice', asNames);
    expect(blocked.killed).toEqual(blocked.sessions.map((one) => one.id));
    expect(blocked.killed).toHaveLength(1);
    expect(blocked.user).toMatchObject({ is_active: false, is_valid: false });
    expect(await again.exited).toBe(255);
    expect(again.screen()).toContain('Terminated by admin siem');
    expect((await tryLogin({ password: alice.password, code: recoveryCode() })).code).toBe(255);
    expect(await siem.kill(blocked.killed, asNames)).toEqual([]);
  });

  test('recovers: the mail comes, the old password and the old code are dead, a new password opens', async () => {
    const { alice } = world.people;
    const user = await recoverUser(siem, 'alice');
    expect(user).toMatchObject({
      is_active: true,
      is_otp_secret_key_bound: false,
      mfa_level: { value: 2, label: expect.any(String) },
    });
    const mail = await world.mailbox.waitFor(
      (one) => one.to.includes('alice@example.test') && one.text.includes('/recover/'),
    );
    const [link = ''] = /https?:\/\/\S+\/recover\/[\w-]+/.exec(mail.text) ?? [];
    expect((await tryLogin({ password: alice.password, code: recoveryCode() })).code).toBe(255);

    const page = await (await fetch(link)).text();
    const newSecret = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(page)?.[1] ?? '';
    const form = {
      password: NEW_PASSWORD,
      repeat: NEW_PASSWORD,
      code: authenticatorCode(newSecret, Date.now()),
    };
    expect((await fetch(link, { method: 'POST', body: new URLSearchParams(form) })).status).toBe(200);

    for (const [password, code] of [
      [alice.password, authenticatorCode(newSecret, Date.now() + STEP_MS)],
      [NEW_PASSWORD, authenticatorCode(secret, Date.now() + STEP_MS)],
      [NEW_PASSWORD, recoveryCode()],
    ] as const)
      expect((await tryLogin({ password, code })).code).toBe(255);
    await siem.unblock((await siem.findUser('alice')).id);
    const code = authenticatorCode(newSecret, Date.now() + STEP_MS);
    expect(await tryLogin({ password: NEW_PASSWORD, code })).toMatchObject({
      code: 0,
      screen: expect.stringContaining('let in'),
    });
  });
});
