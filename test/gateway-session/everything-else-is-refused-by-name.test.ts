import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBed, SSH_OPTIONS, type Bed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';
import { freePort } from '../testbed/sshd.ts';
import { forbidding } from '../testbed/command-rules.ts';

const run = promisify(execFile);

let bed: Bed;
let target: string;
beforeAll(async () => {
  bed = await openBed({
    commandRules: [
      forbidding('no-identity-change', 'su', 'passwd'),
      { ...forbidding('watch-id', 'id'), priority: 20, verdict: 'warn' },
    ],
  });
  target = `alice@${bed.sshd.account}@web01`;
});
afterAll(() => bed[Symbol.asyncDispose]());

test('a denied command does not run, says so, and exits with 126', async () => {
  const done = await ssh([...bed.ssh(target), 'echo before; sudo su -; echo after']);
  expect(done.stderr).toBe('Command `su` is forbidden\n');
  expect(done.stdout.toString()).toBe('');
  expect(done.code).toBe(126);
  const denied = await bed.event('command.denied');
  expect(denied).toMatchObject({
    user: 'alice',
    asset: 'web01',
    command: 'echo before; sudo su -; echo after',
    data: { rule: 'no-identity-change', kind: 'exec' },
  });
  const sessions = await bed.storage.state.reader.selectFrom('sessions').selectAll().execute();
  expect(sessions).toEqual([]);
});

test('a watched command runs, and is told', async () => {
  const done = await ssh([...bed.ssh(target), 'id -u']);
  expect(done.code).toBe(0);
  expect((await bed.event('command.warned')).data).toMatchObject({ rule: 'watch-id' });
});

test('a command without a target says how to name one', async () => {
  const done = await ssh([...bed.ssh('alice'), 'uptime']);
  expect(done.stderr).toContain('ssh alice@ACCOUNT@ASSET@GATEWAY COMMAND');
  expect(done.code).toBe(255);
});

test('a shell without target and terminal says what is missing', async () => {
  const done = await ssh(['-T', ...bed.ssh('alice')]);
  expect(done.stderr).toContain('ssh -t');
  expect(done.code).toBe(255);
});

test('a person without any grant is told so', async () => {
  const done = await ssh(['-tt', ...bed.ssh('bob')]);
  expect(done.stdout.toString()).toContain('You have no access to any asset yet');
});

test('sftp', async () => {
  const options = [...SSH_OPTIONS, '-P', String(bed.port), '-b', '/dev/null', `${target}@127.0.0.1`];
  const failed = await run('sftp', options).then(
    () => undefined,
    (error: { readonly stderr: string }) => error.stderr,
  );
  expect(failed).toContain('sftp is not available through this gateway');
  const refused = await bed.event('channel.refused', (event) => event.data['kind'] === 'sftp');
  expect(refused).toMatchObject({ user: 'alice', data: { name: 'sftp', code: 'not_supported' } });
});

test('other subsystems, by their name', async () => {
  const done = await ssh(['-s', ...bed.ssh(target), 'netconf']);
  expect(done.stderr).toContain('netconf is not available through this gateway');
  expect(done.code).toBe(1);
});

test('local forwarding', async () => {
  const verbose = bed.ssh(target).map((word) => (word === 'LogLevel=ERROR' ? 'LogLevel=INFO' : word));
  const done = await ssh(['-W', '127.0.0.1:22', ...verbose]);
  expect(done.stderr).toContain('direct-tcpip is not available through this gateway');
  expect(
    (await bed.event('channel.refused', (event) => event.data['kind'] === 'forward-local')).data,
  ).toMatchObject({ code: 'not_supported' });
});

test('remote forwarding', async () => {
  const port = await freePort();
  const done = await ssh([
    '-o',
    'ExitOnForwardFailure=yes',
    '-R',
    `${port}:127.0.0.1:22`,
    ...bed.ssh(target),
    'true',
  ]);
  expect(done.stderr).toContain('remote port forwarding failed');
  await bed.event('channel.refused', (event) => event.data['kind'] === 'forward-remote');
});

test('agent and X11 forwarding: the command runs without them', async () => {
  const done = await ssh(['-A', ...bed.ssh(target), 'echo "[$SSH_AUTH_SOCK][$DISPLAY]"']);
  expect(done.stdout.toString()).toBe('[][]\n');
});

test('hundreds of refused requests end the connection', async () => {
  const forwards = Array.from({ length: 250 }, (_, index) => ['-R', `/tmp/none${index}:127.0.0.1:22`]).flat();
  await using running = startSsh([...forwards, ...bed.ssh(target), 'sleep 60']);
  expect((await running.finished).code).toBe(255);
});
