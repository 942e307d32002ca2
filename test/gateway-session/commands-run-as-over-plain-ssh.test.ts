import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBed, type Bed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';

let bed: Bed;
let target: string;
beforeAll(async () => {
  bed = await openBed({ logLevel: 'warn' });
  target = `alice@${bed.sshd.account}@web01`;
});
afterAll(() => bed[Symbol.asyncDispose]());

test('output, standard error and exit code come apart', async () => {
  const done = await ssh([...bed.ssh(target), 'echo out; echo err >&2; exit 7']);
  expect(done.stdout.toString()).toBe('out\n');
  expect(done.stderr).toBe('err\n');
  expect(done.code).toBe(7);
});

test('100 MB of standard input arrive whole', async () => {
  const input = randomBytes(100 * 1024 * 1024);
  const done = await ssh([...bed.ssh(target), 'sha256sum'], input);
  expect(done.stdout.toString().split(' ')[0]).toBe(createHash('sha256').update(input).digest('hex'));
  expect(done.code).toBe(0);
});

test('100 MB of output arrive whole', async () => {
  const done = await ssh([...bed.ssh(target), 'head -c 104857600 /dev/zero | tr "\\0" x']);
  expect(done.stdout.length).toBe(104_857_600);
  expect(done.stdout.every((byte) => byte === 0x78)).toBe(true);
});

test('large output and large standard error at once keep all their bytes', async () => {
  const done = await ssh([
    ...bed.ssh(target),
    'head -c 5000000 /dev/zero | tr "\\0" o & head -c 5000000 /dev/zero | tr "\\0" e >&2; wait',
  ]);
  expect(done.stdout.toString('latin1')).toBe('o'.repeat(5_000_000));
  expect(done.stderr).toBe('e'.repeat(5_000_000));
});

// Each of them starts a login shell on the asset, and some take long to start.
test('every exit code from 0 to 255, over one connection', { timeout: 240_000 }, async () => {
  const control = ['-o', `ControlPath=${join(bed.folder, 'codes')}`];
  await using master = startSsh([...bed.ssh(target, ...control, '-M'), 'echo ready; cat']);
  await master.shows(/ready/);
  const codes: (number | null)[] = [];
  for (let first = 0; first < 256; first += 8) {
    const batch = Array.from({ length: 8 }, (_, index) => first + index);
    const done = await Promise.all(
      batch.map((code) => ssh([...bed.ssh(target, ...control), `exit ${code}`])),
    );
    codes.push(...done.map((one) => one.code));
  }
  expect(codes).toEqual(Array.from({ length: 256 }, (_, index) => index));
  master.endInput();
  expect((await master.finished).code).toBe(0);
});

test('a command killed by a signal reports the signal', async () => {
  const done = await ssh([...bed.ssh(target), 'kill -TERM $$']);
  // OpenSSH's client answers 255 to an exit signal; over plain ssh it does the same.
  expect(done.code).toBe(255);
});

test('the end of input reaches the command, and its output still comes back', async () => {
  const done = await ssh([...bed.ssh(target), 'cat; echo after the end'], 'some input\n');
  expect(done.stdout.toString()).toBe('some input\nafter the end\n');
  expect(done.code).toBe(0);
});

test('output that ends before the command does is passed on at once', async () => {
  await using running = startSsh([...bed.ssh(target), 'echo first; exec 1>&- ; read line; exit 3']);
  await running.shows(/first/);
  running.type('go on\n');
  expect((await running.finished).code).toBe(3);
});

test('only listed environment variables arrive', async () => {
  const send = ['LC_PORTCULLIS', 'PORTCULLIS_TEST_ONE', 'LD_PRELOAD', 'SECRET'].flatMap((name) => [
    '-o',
    `SetEnv=${name}=value`,
  ]);
  const done = await ssh([...bed.ssh(target, ...send.slice(0, 2)), 'env']);
  expect(done.stdout.toString()).toContain('LC_PORTCULLIS=value');
  const all = ['-o', 'SetEnv=PORTCULLIS_TEST_ONE=1 LD_PRELOAD=/x SECRET=s'];
  const other = await ssh([...bed.ssh(target, ...all), 'env']);
  expect(other.stdout.toString()).toContain('PORTCULLIS_TEST_ONE=1');
  expect(other.stdout.toString()).not.toMatch(/LD_PRELOAD|SECRET/);
});

test('the session, the channel and the command are told before anything runs, and the end afterwards', async () => {
  const done = await ssh([...bed.ssh(target), 'echo told']);
  expect(done.code).toBe(0);
  const allowed = await bed.event('command.allowed', (event) => event.command === 'echo told');
  await bed.event('session.ended', (event) => event.session === allowed.session);
  const events = (await bed.events()).filter((event) => event.session === allowed.session);
  const types = events.map((event) => event.type);
  expect(types.slice(0, 3)).toEqual(['session.started', 'channel.opened', 'command.allowed']);
  expect(events[0]).toMatchObject({ user: 'alice', asset: 'web01', account: bed.sshd.account });
  const row = await bed.storage.state.reader
    .selectFrom('sessions')
    .selectAll()
    .where('id', '=', allowed.session ?? '')
    .executeTakeFirstOrThrow();
  expect(row).toMatchObject({ username: 'alice', asset: 'web01', endReason: 'asset', node: 'test' });
  expect(row.endedAt).toBeGreaterThanOrEqual(row.startedAt);
});
