import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { item, observe } from '#main/demo/observe.ts';
import type { SshRun } from '#main/demo/ssh-client.ts';
import type { World } from '#main/demo/world.ts';
import { runSsh, startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';
import { clientOf } from './bed.ts';
import { blockUser, type DocumentedClient, recoverUser } from './documented-client.ts';

const PROMPT = /[$#] (?:\u001B\[[0-9;?]*[a-z])*$/i;
const NEW_PASSWORD = 'a new and longer pass phrase';

async function tryLogin(world: World, password: string): Promise<{ code: number | null; screen: string }> {
  const { code, screen } = await runSsh(
    asAlice(world, 'web01', { password, command: ['echo', 'let', 'in'] }),
  );
  return { code, screen };
}

/** Types forbidden lines until the server ends the session. */
async function offend(world: World, password: string): Promise<SshRun> {
  const run = await startSsh(asAlice(world, 'web01', { password, terminal: true }));
  await run.shows(PROMPT);
  let from = 0;
  for (const line of ['su -', 'passwd root', '/bin/su']) {
    await run.shows(PROMPT, from);
    from = run.screen().length;
    run.type(`${line}\r`);
    await run.shows(/Command `[^`]*` is forbidden/, from);
    from = run.screen().lastIndexOf('is forbidden');
  }
  return run;
}

describe('automation that was written for JumpServer', { timeout: 120_000 }, () => {
  let world: World;
  let siem: DocumentedClient;
  beforeAll(async () => {
    world = await startWorld();
    siem = await clientOf(world, 'siem');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  test('blocks a user: sessions are cut, the person is told by whom, nobody comes in under the name', async () => {
    const { alice } = world.people;
    const mistyped = await tryLogin(world, 'mistyped');
    const shell = await startSsh(asAlice(world, 'web01', { terminal: true }));
    await shell.shows(PROMPT);
    const other = await startSsh(asAlice(world, 'db01', { terminal: true }));
    await other.shows(PROMPT);

    const blocked = await blockUser(siem, 'alice');
    expect(blocked.sessions.map((one) => [one.user, one.is_finished])).toEqual([
      ['Alice Li(alice)', false],
      ['Alice Li(alice)', false],
    ]);
    expect(blocked.killed.toSorted()).toEqual(blocked.sessions.map((one) => one.id).toSorted());
    expect(blocked.user).toMatchObject({ username: 'alice', is_active: false, is_valid: false });
    expect(await Promise.all([shell.exited, other.exited])).toEqual([255, 255]);
    for (const run of [shell, other]) expect(run.screen()).toContain('Terminated by admin siem');
    expect(await tryLogin(world, alice.password)).toEqual(mistyped);
    expect(mistyped.code).toBe(255);
    expect((await siem.findUser('alice')).is_active).toBe(false);
    // Ended sessions are passed over, and so is what is no id.
    expect(await siem.kill([...blocked.killed, 'nonsense'])).toEqual([]);
  });

  test('recovers the user: the old password is dead, the mailed link sets a new one', async () => {
    const { alice } = world.people;
    const user = await recoverUser(siem, 'alice');
    expect(user).toMatchObject({ username: 'alice', is_active: true, mfa_enabled: false });
    expect((await tryLogin(world, alice.password)).code).toBe(255);

    const mail = await world.mailbox.waitFor(
      (one) => one.to.includes('alice@example.test') && one.text.includes('/recover/'),
    );
    const [link = ''] = /https?:\/\/\S+\/recover\/[\w-]+/.exec(mail.text) ?? [];
    const answer = await fetch(link, {
      method: 'POST',
      body: new URLSearchParams({ password: NEW_PASSWORD, repeat: NEW_PASSWORD }),
    });
    expect(answer.status).toBe(200);
    expect(await tryLogin(world, NEW_PASSWORD)).toMatchObject({
      code: 0,
      screen: expect.stringContaining('let in'),
    });
    expect((await tryLogin(world, alice.password)).code).toBe(255);
  });

  test('holds back what is typed in a session, and ends it', async () => {
    const shell = await startSsh(asAlice(world, 'web01', { password: NEW_PASSWORD, terminal: true }));
    await shell.shows(PROMPT);
    const alice = await siem.findUser('alice');
    const [session] = await siem.openSessions(alice.id);
    const toggle = (task_name: string): Promise<{ status: number; body: unknown }> =>
      siem.call('POST', '/terminal/tasks/toggle-lock-session/', {
        body: { session_id: session?.id, task_name },
      });
    expect(await toggle('lock_session')).toEqual({ status: 200, body: { ok: [session?.id] } });
    const held = join(world.folder, 'held');
    shell.type(`touch ${held}\r`);
    expect(await siem.openSessions(alice.id)).toMatchObject([{ id: session?.id, is_locked: true }]);
    expect(await toggle('kill_session')).toEqual({ status: 200, body: { ok: [session?.id] } });
    expect(await shell.exited).toBe(255);
    expect(shell.screen()).toContain('Terminated by admin siem');
    expect(existsSync(held)).toBe(false);
    // A lock on a session that is over ends with the next task.
    await expect.poll(() => siem.openSessions(alice.id)).toEqual([]);
    await siem.kill([]);
    const { body } = await world.server.api<{ items: unknown[] }>('GET', '/v1/locks');
    expect(body.items).toEqual([]);
  });

  test('a false alarm: activating alone brings the user back as they were, and the rule is armed again', async () => {
    const offender = await offend(world, NEW_PASSWORD);
    expect(await offender.exited).toBe(255);
    const first = await observe(
      world.server,
      '/v1/offenses?status=open',
      item({ entity: 'gateway:alice', episode: 1 }),
    );
    await observe(world.server, '/v1/locks', item({ targetKind: 'user', target: 'alice' }));
    const alice = await siem.findUser('alice');
    expect(alice.is_active).toBe(false);

    expect((await siem.setActive(alice.id, true)).is_active).toBe(true);
    expect(await tryLogin(world, NEW_PASSWORD)).toMatchObject({ code: 0 });
    const { body } = await world.server.api<{ items: unknown[] }>('GET', '/v1/locks');
    expect(body.items).toEqual([]);
    await observe(world.server, `/v1/offenses/${String(first['number'])}`, (detail) =>
      (detail as { episodes: { episode: number; endedAt: number | null }[] }).episodes.find(
        (one) => one.episode === 1 && one.endedAt !== null,
      ),
    );

    const again = await offend(world, NEW_PASSWORD);
    expect(await again.exited).toBe(255);
    await observe(
      world.server,
      '/v1/offenses?status=open',
      item({ number: first['number'], entity: 'gateway:alice', episode: 2 }),
    );
    expect((await siem.findUser('alice')).is_active).toBe(false);
    expect((await siem.setActive(alice.id, true)).is_active).toBe(true);
  });

  test('reads what happened: commands, logins, operations, changed passwords', async () => {
    const listed = async (
      path: string,
      query: Readonly<Record<string, string | number>>,
      fits: (items: readonly Record<string, unknown>[]) => boolean,
    ): Promise<readonly Record<string, unknown>[]> => {
      // The archive is at most two seconds behind; what was waited for is asked for again until it is there.
      await expect.poll(async () => fits(await siem.list(path, query)), { timeout: 10_000 }).toBe(true);
      return siem.list(path, query);
    };
    const storages = await siem.list('/terminal/command-storages/');
    const denied = await listed(
      '/terminal/commands/',
      { command_storage_id: String(storages[0]?.['id']), risk_level: 5, user: 'Alice Li(alice)' },
      (items) => items.length === 6,
    );
    expect(denied[0]).toMatchObject({
      user: 'Alice Li(alice)',
      account: `${world.account}(${world.account})`,
      asset: 'web01(127.0.0.1)',
      input: '/bin/su',
      output: 'Command `su` is forbidden',
      risk_level: { value: 5, label: 'Reject' },
      remote_addr: '127.0.0.1',
    });
    expect(Math.abs(Number(denied[0]?.['timestamp']) - Date.now() / 1000)).toBeLessThan(120);

    const logins = await listed(
      '/audits/login-logs/',
      { username: 'alice', status: 'true' },
      (items) => items.length > 0,
    );
    expect(logins[0]).toMatchObject({ type: { value: 'T' }, user_agent: expect.stringContaining('OpenSSH') });
    const programs = await listed('/audits/login-logs/', { username: 'siem' }, (items) => items.length > 0);
    expect(programs[0]).toMatchObject({ type: { value: 'U', label: 'API' }, user_agent: 'node' });

    const operations = await listed(
      '/audits/operate-logs/',
      { user: 'siem', resource: 'alice' },
      (items) => items.length >= 5,
    );
    expect(new Set(operations.map((one) => one['resource_type']))).toEqual(new Set(['User']));
    const changes = await listed(
      '/audits/password-change-logs/',
      { user: 'alice' },
      (items) => items.length >= 2,
    );
    expect(changes.map((one) => one['change_by'])).toContain('siem(siem)');
    expect(await siem.list('/audits/ftp-logs/')).toEqual([]);
  });
});
