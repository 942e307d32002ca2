import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBed, type Bed } from './bed.ts';
import { ssh } from './run-ssh.ts';

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

test('100 MB of output arrive whole, also while the client reads slowly', async () => {
  const done = await ssh([...bed.ssh(target), 'head -c 104857600 /dev/zero | tr "\\0" x']);
  expect(done.stdout.length).toBe(104_857_600);
  expect(done.stdout.every((byte) => byte === 0x78)).toBe(true);
});
