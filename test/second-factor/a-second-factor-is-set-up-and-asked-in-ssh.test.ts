import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { World } from '#main/demo/world.ts';
import { runSsh, startSsh, type SshOptions } from '../testbed/ssh.ts';
import { setUpAuthenticator } from '../testbed/set-up-authenticator.ts';
import { asAlice, startWorld } from '../testbed/world.ts';
import { authenticatorCode } from '#main/demo/authenticator.ts';

const STEP_MS = 30_000;

async function demand(world: World): Promise<void> {
  const answer = await world.server.api('PATCH', '/v1/users/alice', { secondFactor: true });
  expect(answer).toMatchObject({
    status: 200,
    body: { secondFactor: { enrolled: false, required: true } },
  });
}

test(
  'whom one is demanded of sets it up on the terminal; from then on every way in asks for it',
  {
    timeout: 120_000,
  },
  async () => {
    await using world = await startWorld();
    await demand(world);
    const id = (more: Partial<SshOptions>): SshOptions =>
      asAlice(world, 'web01', { command: ['echo in'], ...more });

    // The password alone opens nothing but the way to set one up.
    const refused = await runSsh(id({}));
    expect(refused).toMatchObject({ code: 255 });
    expect(refused.screen).toContain('A second factor is demanded here.');

    const { secret, recoveryCodes } = await setUpAuthenticator(world);
    expect(recoveryCodes).toHaveLength(10);

    const mistyped = await runSsh(id({ password: 'mistyped', code: '000000' }));
    expect(mistyped.code).toBe(255);
    expect(await runSsh(id({ code: '000000' }))).toEqual(mistyped);
    // Enrolment used up the code of this moment; that of the next step is right, and right once.
    const next = authenticatorCode(secret, Date.now() + STEP_MS);
    expect(await runSsh(id({ code: next }))).toMatchObject({ code: 0, screen: 'in\n' });
    expect(await runSsh(id({ code: next }))).toEqual(mistyped);

    const [first = '', second = ''] = recoveryCodes;
    expect(await runSsh(id({ code: first }))).toMatchObject({ code: 0, screen: 'in\n' });
    expect(await runSsh(id({ code: first }))).toEqual(mistyped);

    // A key is not enough either.
    const identityFile = join(world.folder, 'alice_key');
    spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
    const publicKey = readFileSync(`${identityFile}.pub`, 'utf8').trim();
    const stored = await world.server.api('PUT', '/v1/users/alice/keys', { publicKeys: [publicKey] });
    expect(stored.status).toBe(200);
    const byKey = { password: '', identityFile };
    expect((await runSsh(id({ ...byKey, code: '000000' }))).code).toBe(255);
    expect(await runSsh(id({ ...byKey, code: second }))).toMatchObject({ code: 0, screen: 'in\n' });

    // An administrator takes it away; then it is set up anew.
    expect((await world.server.api('DELETE', '/v1/users/alice/second-factor')).status).toBe(204);
    expect((await runSsh(id({}))).screen).toContain('A second factor is demanded here.');
    // Straight to the asset: the set-up comes first, the shell follows.
    const run = await startSsh(asAlice(world, 'web01', { terminal: true }));
    await run.shows('Verification code');
    const again = /secret into the app: ([A-Z2-7 ]+)/.exec(run.screen())?.[1]?.trim() ?? '';
    expect(again).not.toBe(secret);
    run.type(`${authenticatorCode(again, Date.now())}\r`);
    await run.shows('Press Enter to go on');
    const from = run.screen().length;
    run.type('\r');
    await run.shows(/[$#] /, from);
    run.type('exit\r');
    expect(await run.exited).toBe(0);
  },
);

test('a grant can demand one, and other grants do not', { timeout: 60_000 }, async () => {
  await using world = await startWorld();
  const grant = {
    name: 'dev-web',
    groups: ['developers'],
    assets: ['web01'],
    accounts: ['*'],
    actions: ['shell', 'exec'],
  };
  const applied = await world.server.api('POST', '/v1/apply', {
    grants: [
      { ...grant, secondFactor: true },
      { ...grant, name: 'dev-db', assets: ['db01'] },
    ],
  });
  expect(applied.status).toBe(200);
  const refused = await runSsh(asAlice(world, 'web01', { command: ['true'] }));
  expect([refused.code, refused.screen]).toEqual([
    255,
    expect.stringContaining('A second factor is demanded'),
  ]);
  expect((await runSsh(asAlice(world, 'db01', { command: ['true'] }))).code).toBe(0);

  // In the menu only what would open is offered; `mfa` opens the rest.
  const run = await startSsh(asAlice(world, '', { user: 'alice', terminal: true }));
  await run.shows('db01');
  expect(run.screen()).not.toContain('web01');
  run.type('mfa\r');
  await run.shows('Verification code');
  const secret = /secret into the app: ([A-Z2-7 ]+)/.exec(run.screen())?.[1]?.trim() ?? '';
  run.type(`${authenticatorCode(secret, Date.now())}\r`);
  await run.shows('Press Enter to go on');
  run.type('\r');
  await run.shows('web01');
  run.type('q\r');
  expect(await run.exited).toBe(0);
});
