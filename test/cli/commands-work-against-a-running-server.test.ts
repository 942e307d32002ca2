import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import { generateKey } from '#gateway/ssh/generate-key.ts';
import { Secret } from '#lib/secret.ts';
import { recordingKeyContext } from '#vault/contexts.ts';
import { liveSession } from '../api/api-bed.ts';
import { ROWS } from '../state/rows.ts';
import { cli, type CliBed, createCliBed } from './cli-bed.ts';

let bed: CliBed;
beforeAll(async () => {
  bed = await createCliBed();
  const key = generateKey('ed25519');
  await writeFile(join(bed.files, 'alice.pw'), 'the password of alice\n');
  await writeFile(join(bed.files, 'key'), key.private);
  await writeFile(
    join(bed.files, 'company.yaml'),
    `
users:
  - {username: alice, name: Alice Li, email: alice@example.test, passwordFile: ./alice.pw}
  - {username: siem-automation, kind: service, roles: [admin]}
groups: [{name: developers, users: [alice]}]
assets:
  - name: web01
    address: 127.0.0.1
    port: 2200
    hostKeys: ['${key.public}']
    accounts: [{username: root, privateKeyFile: ./key}]
grants: [{name: dev-web, users: [alice], assets: [web01], accounts: [root], actions: [shell, exec]}]
commandRules: [{name: no-su, kind: program, patterns: [su, passwd], verdict: deny}]
loginRules: [{name: no-bad-net, addresses: [192.0.2.0/24], action: block}]
`,
  );
});
afterAll(() => bed[Symbol.asyncDispose]());

test('apply reads files beside the document, and is idempotent', async () => {
  const first = await bed.run('apply', '-f', 'company.yaml');
  expect(first).toMatchObject({ code: 0, err: '' });
  expect(first.out).toContain('created user alice\n');
  expect(first.out).toContain('8 created, 0 updated, 0 unchanged');
  const [again] = await bed.json('apply', '--file', 'company.yaml');
  expect(again).toMatchObject({ created: [], updated: [] });
  const { users, passwords } = bed.bed.services;
  const hash = (await users.find('alice'))?.passwordHash ?? null;
  expect(await passwords.verify(new Secret('the password of alice'), hash)).toBe(true);
});

test('apply tells every mistake with its path and what to do, exit 65', async () => {
  await writeFile(
    join(bed.files, 'bad.yaml'),
    'users: [{username: x, passwordFile: nowhere}]\nassets: [{name: a, address: b, accounts: [{username: r, privateKeyFile: ./key, privateKey: x}]}]',
  );
  const files = await bed.run('apply', '-f', 'bad.yaml');
  expect(files.code).toBe(65);
  expect(files.err).toContain('users[0].passwordFile: ');
  expect(files.err).toContain(
    'assets[0].accounts[0].privateKeyFile: give privateKey or privateKeyFile, not both',
  );
  await writeFile(
    join(bed.files, 'bad.yaml'),
    'grants: [{name: g, users: [alcie], assets: [web01], accounts: [root], actions: [shell]}]',
  );
  expect((await bed.run('apply', '-f', 'bad.yaml')).err).toContain(
    'grants[0].users[0]: there is no user alcie; did you mean "alice"?',
  );
  await writeFile(join(bed.files, 'bad.yaml'), 'users: [');
  expect((await bed.run('apply', '-f', 'bad.yaml')).err).toContain('line 1: ');
  expect((await bed.run('apply', '-f', 'nowhere.yaml')).code).toBe(65);
});

test('apply takes standard input, and a dry run changes nothing', async () => {
  const run = await cli(['apply', '-f', '-', '--dry-run', '--data', bed.files], {
    input: 'users: [{username: carol}]',
  });
  expect(run.out).toContain('dry run');
  expect((await bed.run('user', 'show', 'carol')).code).toBe(66);
});

test('users are listed, shown, added, changed, locked, unlocked and deleted', async () => {
  expect((await bed.run('user', 'list')).out).toMatch(/^USER +KIND +STATE .*\nalice +person +active /);
  await writeFile(join(bed.files, 'bob.pub'), generateKey('ed25519').public);
  const added = await bed.run(
    'user',
    'add',
    'bob',
    '--role',
    'user',
    '--role',
    'auditor',
    '--email',
    'bob@example.test',
    '--public-key-file',
    'bob.pub',
  );
  expect(added).toMatchObject({ code: 0 });
  const [bob] = await bed.json('user', 'show', 'bob');
  expect(bob).toMatchObject({ roles: ['user', 'auditor'], keys: [{ algorithm: 'ssh-ed25519' }] });
  expect((await bed.run('user', 'add', 'bob')).code).toBe(65);
  await bed.run('user', 'change', 'bob', '--language', 'zh');
  expect((await bed.json('user', 'show', 'bob'))[0]).toMatchObject({
    language: 'zh',
    roles: ['user', 'auditor'],
  });

  const id = (await bed.bed.services.users.find('bob'))?.id ?? '';
  bed.bed.live.push(liveSession(newId(), 'bob', id));
  const locked = await bed.run('user', 'lock', 'bob', '--reason', 'test');
  expect(locked.out).toContain('1 session was ended, none is left.');
  expect((await bed.run('user', 'list')).out).toMatch(/bob +person +locked/);
  expect((await bed.json('lock', 'list'))[0]).toMatchObject({
    targetKind: 'user',
    target: 'bob',
    reason: 'test',
    owner: 'local',
  });
  expect((await bed.run('user', 'unlock', 'bob')).out).toContain('bob is unlocked.');
  expect((await bed.run('lock', 'list')).out).toBe('Nothing is locked.\n');
  expect((await bed.run('user', 'delete', 'bob')).code).toBe(0);
  expect((await bed.run('user', 'show', 'bob')).code).toBe(66);
});

test('a password is asked for or read from a file, and never echoed', async () => {
  const asked = await cli(['user', 'set-password', 'alice', '--data', bed.files], {
    input: 'a long enough phrase',
  });
  expect(asked.code).toBe(0);
  expect(asked.out + asked.err).not.toContain('a long enough phrase');
  const short = await cli(['user', 'set-password', 'alice', '--data', bed.files], { input: 'short' });
  expect(short.code).toBe(65);
  expect(short.err).toContain('password: ');
});

test('inventory is listed, shown and deleted', async () => {
  expect((await bed.run('asset', 'list')).out).toMatch(/web01 +127\.0\.0\.1:2200 +1 +root/);
  expect((await bed.json('asset', 'show', 'web01'))[0]).toMatchObject({ name: 'web01', port: 2200 });
  expect((await bed.run('group', 'show', 'developers')).out).toContain('- alice');
  expect((await bed.json('grant', 'list'))[0]).toMatchObject({ name: 'dev-web', mode: 'guard' });
  expect((await bed.run('login-rule', 'list')).out).toContain('192.0.2.0/24');
  expect((await bed.run('grant', 'delete', 'dev-web')).code).toBe(0);
  expect((await bed.run('grant', 'show', 'dev-web')).code).toBe(66);
});

test('rules can be tried before anybody meets them', async () => {
  const tryLine = (line: string) =>
    bed.run('command-rule', 'try', line, '--user', 'alice', '--asset', 'web01', '--account', 'root');
  const denied = await tryLine("true; s''u -");
  expect(denied.code).toBe(1);
  expect(denied.out).toMatch(/deny by no-su[^]*runs +su -/);
  expect((await tryLine('grep su file')).code).toBe(0);
  expect((await bed.run('login-rule', 'try', 'alice', '--address', '192.0.2.9')).out).toContain(
    'refused by no-bad-net',
  );
  expect((await bed.run('login-rule', 'try', 'alice', '--address', '198.51.100.9')).code).toBe(0);
});

test('a token is printed once as {"token": …} and works over the network', async () => {
  const [created] = await bed.json(
    'token',
    'create',
    '--user',
    'siem-automation',
    '--name',
    'ci',
    '--expires',
    '90d',
  );
  const token = String(created?.['token']);
  expect(token).toMatch(/^pct_/);
  const server = ['--server', `http://${bed.api.addresses[0]}`];
  const remote = await cli(['user', 'list', ...server], { env: { PORTCULLIS_TOKEN: token } });
  expect(remote.out).toContain('alice');
  await writeFile(join(bed.files, 'token'), `${token}\n`);
  expect((await cli(['token', 'list', ...server, '--token-file', join(bed.files, 'token')])).out).toContain(
    'ci',
  );
  expect((await cli(['user', 'list', ...server])).code).toBe(64);
  expect((await cli(['user', 'list', ...server, '--token', 'pct_wrong'])).code).toBe(77);
  expect((await bed.run('token', 'revoke', String(created?.['id']))).code).toBe(0);
  expect((await cli(['user', 'list', ...server, '--token', token])).code).toBe(77);
});

test('a token is never sent in the open to another machine', async () => {
  const run = await cli(['user', 'list', '--server', 'http://gate.example.test', '--token', 'x']);
  expect(run).toMatchObject({ code: 64 });
  expect(run.err).toContain('in the open');
});

test('sessions are listed and killed', async () => {
  const id = (await bed.bed.services.users.find('alice'))?.id ?? '';
  const live = { ...liveSession(newId(), 'alice', id), asset: null, account: null, state: 'menu' as const };
  bed.bed.live.push(live);
  expect((await bed.run('session', 'list', '--live')).out).toMatch(new RegExp(`${live.id} +menu +alice`));
  expect((await bed.run('session', 'kill')).code).toBe(64);
  expect((await bed.run('session', 'kill', live.id, '--reason', 'x')).out).toContain('contained');
  bed.bed.live.push(live);
  expect((await bed.json('session', 'kill', '--user', 'alice'))[0]).toMatchObject({
    state: 'contained',
    cut: [live.id],
  });
  expect((await bed.run('session', 'list', '--live')).out).toBe('There are no such sessions.\n');
});

test('recordings are exported for their owner alone, and verified', async () => {
  const { state, vault } = bed.bed.services;
  const [session, recording] = [newId(), newId()];
  await state.transact(async (tx) => {
    await tx
      .insertInto('sessions')
      .values({
        ...ROWS.sessions,
        id: session,
        userId: newId(),
        username: 'gone',
        endedAt: 2,
        endReason: 'client',
      })
      .execute();
    await tx
      .insertInto('recordings')
      .values({
        id: recording,
        sessionId: session,
        channelId: 'c',
        kind: 'shell',
        sealedKey: vault.seal(new Secret('data key'), recordingKeyContext(recording)),
        file: 'f',
        startedAt: 1,
        endedAt: 2,
        state: 'finished',
        bytes: 5,
        headHash: null,
      })
      .execute();
  });
  expect((await bed.run('session', 'show', session)).out).toContain(recording);
  const cast = await bed.run('session', 'export', session);
  expect(cast.out).toBe(`{"version":2,"title":"${recording}"}\n`);
  const file = join(bed.files, 'out.cast');
  expect((await bed.run('session', 'export', recording, '-o', 'out.cast')).code).toBe(0);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toBe(cast.out);
  expect((await bed.run('session', 'export', recording, '-o', 'out.cast')).code).not.toBe(0);
  expect((await bed.run('session', 'verify', session)).out).toContain('intact');
  expect((await bed.run('session', 'verify', session)).err).toBe('');
  bed.bed.verified.anchors = 'unavailable';
  const unsure = await bed.run('session', 'verify', session);
  bed.bed.verified.anchors = 'checked';
  expect(unsure.code).toBe(0);
  expect(unsure.err).toContain('anchors were NOT checked');
  expect((await bed.run('session', 'verify', newId())).code).toBe(66);
  expect((await bed.bed.events()).filter((one) => one.type === 'recording.read')).toHaveLength(3);
});

test('events are searched, with hostile text shown harmlessly', async () => {
  const { stream, clock } = bed.bed.services;
  const { makeEvent } = await import('#contract/event.ts');
  await stream.publish([
    makeEvent('command.denied', newId(), clock(), {
      user: 'eve',
      command: 'su \u001B]0;pwned\u0007\r\n; rm',
      asset: 'web01',
    }),
  ]);
  const run = await bed.run('event', 'search', '--user', 'eve', '--type', 'command.*', '--since', '1h');
  expect(run.out).toContain('su \\x1b]0;pwned');
  expect(run.out).not.toContain('\u001B]');
  const [event] = await bed.json('event', 'search', '--user', 'eve');
  expect(event).toMatchObject({ type: 'command.denied', code: 'PC3002' });
  expect((await bed.run('event', 'search', '--since', 'yesterday')).code).toBe(64);
  expect((await bed.run('event', 'search', '--limit', '5000')).err).toContain('limit: must be at most 1000');
});

test('locks take a mistake for what it is', async () => {
  const wrong = await bed.run('lock', 'add', 'user', 'alcie');
  expect(wrong.code).toBe(65);
  expect(wrong.err).toContain('there is no user alcie');
  expect((await bed.run('lock', 'add', 'usr', 'alice')).code).toBe(64);
  const [added] = await bed.json(
    'lock',
    'add',
    'address',
    '203.0.113.0/24',
    '--mode',
    'deny',
    '--expires',
    '2h',
  );
  const { id } = (added ?? {})['lock'] as { id: string };
  expect((await bed.run('lock', 'remove', id)).code).toBe(0);
  expect((await bed.run('lock', 'remove', id)).code).toBe(66);
});

test('an offense is shown, commented on, assigned, closed and reopened', async () => {
  await bed.bed.person('responsible', ['responder']);
  await bed.bed.storage.state.transact((tx) =>
    tx
      .insertInto('offenses')
      .values({ ...ROWS.offenses, id: newId() })
      .execute(),
  );
  const run = (...argv: readonly string[]) => {
    bed.bed.time.nowMs += 1;
    return bed.run('offense', ...argv);
  };
  expect(await run('comment', '1', 'looks odd')).toMatchObject({ code: 0, err: '' });
  expect((await run('assign', '1', 'alice')).err).toContain('assignee: alice has neither');
  expect((await run('assign', '1', 'responsible')).out).toBe('Offense 1 is with responsible.\n');
  expect((await run('reopen', '1', 'why not')).err).toContain('Offense 1 is open');
  expect((await run('close', '1', '--verdict', 'benign')).code).toBe(0);
  expect((await run('reopen', '1', 'there is more')).code).toBe(0);
  const shown = await run('show', '1');
  expect(shown.out).toContain('status     open, severity high, with responsible');
  expect(shown.out).toMatch(
    /looks odd[^]*Assigned to responsible[^]*closed as benign[^]*Reopened: there is more/,
  );
});

test('an action is tried with the name as JumpServer writes it, and nothing is done', async () => {
  const tried = await bed.run(
    'action',
    'test',
    'lock',
    '--set',
    'user=Alice Li(alice)',
    '--set',
    'mode=deny',
  );
  expect(tried).toMatchObject({ code: 0, err: '' });
  expect(tried.out).toContain('action     lock on gateway:alice: alice would have been locked (deny)\n');
  expect(tried.out).toContain('Nothing was done.');
  expect(await bed.bed.services.locks.inForce()).toEqual([]);
  const nobody = await bed.run('action', 'test', 'lock', '--set', 'user=Alice(eve)');
  expect(nobody.err).toContain('set.user: there is no user eve');
  expect((await bed.run('action', 'test', 'lock', '--set', 'user')).code).toBe(64);
});

test('the doctor, the vault and the mail answer', async () => {
  expect(await bed.run('doctor')).toMatchObject({ code: 0, out: 'ok  test: fine\n' });
  expect((await bed.run('mail', 'test', '--to', 'a@example.test')).out).toContain('250 ok');
  expect((await bed.run('vault', 'rekey', '--retire')).out).toMatch(
    /accounts: 1 sealed anew[^]*keys forgotten: /,
  );
});

test('without a server it says so and how to start one, exit 69', async () => {
  const run = await cli(['user', 'list', '--data', '/nonexistent']);
  expect(run.code).toBe(69);
  expect(run.err).toContain('portcullis serve');
  const json = await cli(['user', 'list', '--data', '/nonexistent', '--json']);
  expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'E_SERVER_UNREACHABLE' } });
});

test.runIf(process.getuid?.() !== 0)('the socket of somebody else is named as such', async () => {
  await chmod(join(bed.files, 'admin.sock'), 0);
  expect((await bed.run('user', 'list')).err).toContain('belongs to another user');
});

test('log sources are added, listed, confirmed, explained and forgotten', async () => {
  await using cliBed = await createCliBed();
  expect((await cliBed.run('log-source', 'list')).out).toContain('Nothing has come in yet.');
  const added = await cliBed.run('log-source', 'add', 'web01', '192.0.2.7', '--host', 'WEB01');
  expect(added.out).toBe(
    'web01: confirmed\n  lines from 192.0.2.7, of the host web01\n  its users are its own: no connector can contain them\n',
  );
  const twice = await cliBed.run('log-source', 'add', 'other', '::ffff:192.0.2.7', '--host', 'web01');
  expect([twice.code, twice.err]).toEqual([65, expect.stringContaining('Forget it first')]);
  expect((await cliBed.run('log-source', 'add', 'x', 'here')).err).toContain(
    'must be an IP address or a range',
  );
  expect((await cliBed.run('log-source', 'add', 'Gateway', '192.0.2.8')).err).toContain('the server itself');
  expect((await cliBed.run('log-source', 'confirm', 'web01', '--realm', 'jms')).err).toContain(
    'must be a connector; none is configured',
  );
  expect(await cliBed.json('log-source', 'list')).toMatchObject([
    { name: 'web01', host: 'web01', confirmed: true },
  ]);
  const line =
    '<38>Nov 26 10:00:00 web01 sshd[4]: Failed password for invalid user eve from 192.0.2.66 port 1 ssh2\n';
  const file = join(cliBed.files, 'line.log');
  await writeFile(file, line);
  const explained = await cliBed.run('log-source', 'explain', file, '--address', '192.0.2.7');
  expect(explained.code).toBe(0);
  expect(explained.out).toContain('takes it  openssh');
  expect(explained.out).toContain('source    web01 (confirmed), users of web01');
  expect((await cliBed.run('log-source', 'explain', file)).out).toContain(
    'source    web01_127.0.0.1 (unconfirmed, never seen before)',
  );
  expect((await cliBed.run('log-source', 'forget', 'web01')).out).toBe('web01: forgotten\n');
  expect((await cliBed.run('log-source', 'forget', 'web01')).code).toBe(66);
});
