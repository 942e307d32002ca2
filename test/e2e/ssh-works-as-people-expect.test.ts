import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { World } from '#main/demo/world.ts';
import { runSsh, startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
}, 60_000);

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

test('a command runs, with standard error apart and its exit code', async () => {
  const run = await startSsh(asAlice(world, 'web01', { command: ['echo out; echo err >&2; exit 7'] }));
  let errors = '';
  let output = '';
  run.process.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  run.process.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  run.process.stdin.end();
  expect(await run.exited).toBe(7);
  expect(output).toBe('out\n');
  expect(errors).toContain('err\n');
});

test('100 MB on standard input arrive byte for byte', { timeout: 120_000 }, async () => {
  const block = randomBytes(1 << 20);
  const hash = createHash('sha256');
  for (let index = 0; index < 100; index += 1) hash.update(block);
  const run = await startSsh(asAlice(world, 'web01', { command: ['sha256sum'] }));
  for (let index = 0; index < 100; index += 1) {
    if (!run.process.stdin.write(block))
      await new Promise((resolve) => run.process.stdin.once('drain', resolve));
  }
  run.process.stdin.end();
  expect(await run.exited).toBe(0);
  expect(run.screen()).toContain(hash.digest('hex'));
});

test(
  'every exit code from 0 to 255 comes back, over one shared connection',
  { timeout: 120_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-master-'));
    const socket = join(folder, 's');
    const master = await startSsh(
      asAlice(world, 'web01', {
        options: ['-M', '-S', socket, '-o', 'ControlPersist=no'],
        command: ['echo up; cat'],
      }),
    );
    await master.shows('up');
    const codes: (number | null)[] = [];
    const wanted = Array.from({ length: 256 }, (_, code) => code);
    while (codes.length < wanted.length) {
      const batch = wanted.slice(codes.length, codes.length + 8);
      const runs = batch.map((code) =>
        runSsh(asAlice(world, 'web01', { options: ['-S', socket], command: [`exit ${code}`] })),
      );
      codes.push(...(await Promise.all(runs)).map((run) => run.code));
    }
    master.process.stdin.end();
    await master.exited;
    await rm(folder, { recursive: true });
    expect(codes).toEqual(wanted);
  },
);

test('a terminal: typed input, interrupt, exit code of the shell', async () => {
  const run = await startSsh(asAlice(world, 'web01', { terminal: true }));
  await run.shows(/[$#] /);
  run.type('echo ma"rk"er\r');
  await run.shows('marker');
  // Said by the process that sleeps: a Ctrl-C before it is in the foreground would miss it.
  run.type(`sh -c 'echo sl""eeping; exec sleep 1000'\r`);
  await run.shows('sleeping');
  run.type('\u0003');
  await run.shows('^C');
  run.type('exit 9\r');
  expect(await run.exited).toBe(9);
});

test('a wrong password, an unknown asset and a changed host key each end with their own message and code', async () => {
  const wrong = await runSsh(asAlice(world, 'web01', { password: 'not the password', command: ['true'] }));
  expect(wrong.code).toBe(255);
  expect(wrong.screen).toContain('Permission denied');

  const unknown = await runSsh(asAlice(world, 'nowhere', { command: ['true'] }));
  expect(unknown.code).not.toBe(0);
  expect(unknown.screen).toMatch(/nowhere/);

  await world.sshd.replaceHostKey();
  const changed = await runSsh(asAlice(world, 'web01', { command: ['true'] }));
  expect(changed.code).not.toBe(0);
  expect(changed.screen).toMatch(/host key/i);
  expect(changed.screen).not.toContain('undefined');
  await world.server.api('POST', '/v1/apply', {
    assets: ['web01', 'db01'].map((name) => ({
      name,
      address: '127.0.0.1',
      port: world.sshd.port,
      hostKeys: [world.sshd.hostKey],
    })),
  });
  const repaired = await runSsh(asAlice(world, 'web01', { command: ['true'] }));
  expect(repaired.code, repaired.screen).toBe(0);
});

test('what was not granted is refused by name', async () => {
  const sftp = await runSsh(asAlice(world, 'web01', { options: ['-s'], command: ['sftp'] }));
  expect(sftp.code).not.toBe(0);
  const forward = await runSsh(
    asAlice(world, 'web01', {
      options: ['-o', 'ExitOnForwardFailure=yes', '-R', '0:127.0.0.1:1'],
      command: ['true'],
    }),
  );
  expect(forward.code).not.toBe(0);
});

test('a forbidden command given to exec does not run and exits 126', async () => {
  const denied = await runSsh(
    asAlice(world, 'web01', { command: ['echo ran > /tmp/portcullis-must-not-exist; su -'] }),
  );
  expect(denied.code).toBe(126);
  expect(denied.screen).toContain('Command `su` is forbidden');
  const look = await runSsh(asAlice(world, 'web01', { command: ['test -e /tmp/portcullis-must-not-exist'] }));
  expect(look.code).toBe(1);
});
