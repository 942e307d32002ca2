import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2 from 'ssh2';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openHostKeys } from '#gateway/ssh/host-keys.ts';
import type { LoginHandler } from '#gateway/ssh/login.ts';
import { openBed, tryLogin } from './bed.ts';
import { RawClient } from './raw-client.ts';

const run = promisify(execFile);

test('keys are renewed while data flows, and not a byte is lost', async () => {
  const bytes = Buffer.alloc(32 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
  let renewals = 0;
  const handler: LoginHandler = {
    accept: ({ connection }) => {
      connection.on('rekey', () => {
        renewals += 1;
        if (renewals < 20) connection.rekey();
      });
      connection.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          const channel = acceptExec();
          connection.rekey();
          channel.write(bytes, () => {
            channel.exit(0);
            channel.end();
          });
        });
      });
    },
  };
  await using bed = await openBed({ handler });
  const identity = join(bed.folder, 'alice-key');
  await writeFile(identity, bed.keys.alice.privateKey, { mode: 0o600 });
  const settings = [
    'StrictHostKeyChecking=no',
    'UserKnownHostsFile=/dev/null',
    'IdentitiesOnly=yes',
    'LogLevel=ERROR',
  ];
  const { stdout } = await run(
    'ssh',
    [
      '-F',
      'none',
      '-i',
      identity,
      ...settings.flatMap((one) => ['-o', one]),
      '-p',
      String(bed.port),
      'alice@127.0.0.1',
      'x',
    ],
    { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
  );
  const digest = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
  expect(digest(stdout)).toBe(digest(bytes));
  expect(renewals).toBeGreaterThanOrEqual(3);
});

test('the host keys are made once, readable by their owner alone, and what cannot be used is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'host-keys-'));
  try {
    const first = await openHostKeys(folder);
    const second = await openHostKeys(folder);
    expect(first.map((key) => key.publicLine)).toEqual(second.map((key) => key.publicLine));
    expect(first.map((key) => key.publicLine.split(' ')[0])).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
    expect(JSON.stringify(first)).not.toContain('PRIVATE');
    const names = await readdir(join(folder, 'host-keys'));
    expect(names).toEqual(['ssh_host_ecdsa_key', 'ssh_host_ed25519_key']);
    const file = join(folder, 'host-keys', 'ssh_host_ed25519_key');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o640);
    await expect(openHostKeys(folder)).rejects.toMatchObject({ code: 'E_CONFIG' });
    await chmod(file, 0o600);
    await writeFile(file, (await readFile(file, 'utf8')).slice(0, 100));
    await expect(openHostKeys(folder)).rejects.toMatchObject({ code: 'E_CONFIG' });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('what is offered is safe: no SHA-1, no CBC, no RSA host key, strict key exchange', async () => {
  await using bed = await openBed();
  const client = new ssh2.Client();
  const negotiated = once(client, 'handshake');
  client.on('error', () => undefined);
  const lines: string[] = [];
  client.connect({
    host: '127.0.0.1',
    port: bed.port,
    username: 'x',
    debug: (line) => void lines.push(line),
  });
  await negotiated;
  client.destroy();
  const offer = lines.filter((line) => line.includes('(remote)')).join('\n');
  expect(offer).toContain('curve25519-sha256');
  expect(offer).toContain('kex-strict-s-v00@openssh.com');
  expect(offer).not.toMatch(/sha1|cbc|ssh-rsa|ssh-dss|group1-|group14|group-exchange|zlib|arcfour|md5/);
});

test('stopping ends everybody, with words, and tells it', async () => {
  await using bed = await openBed();
  using waiting = await RawClient.atAuthentication(bed.port);
  const client = new ssh2.Client();
  client.connect({ host: '127.0.0.1', port: bed.port, username: 'alice', password: 'right' });
  await once(client, 'ready');
  const gone = once(client, 'close');
  client.on('error', () => undefined);
  await bed.stop();
  await gone;
  const words = await waiting.answer();
  expect(words === 'closed' ? words : words.toString('latin1')).toContain('The gateway is stopping');
  expect(bed.logins[0]?.closed.aborted).toBe(true);
  const events = await bed.events();
  expect(events.find(({ type }) => type === 'login.ended')?.data).toMatchObject({ reason: 'shutdown' });
  expect(events.find(({ type }) => type === 'connection.unauthenticated')?.data).toMatchObject({
    reason: 'shutdown',
  });
});

test('stopping asks who took the logins over first, when nobody new can come', async () => {
  const order: string[] = [];
  let drain: () => Promise<void> = () => Promise.resolve();
  await using bed = await openBed({
    handler: {
      accept: ({ connection, closed }) => {
        closed.addEventListener('abort', () => void order.push('closed'));
        drain = async () => {
          order.push('drain');
          const later = await tryLogin(bed.port, { username: 'alice', password: 'right' });
          expect(later.isIn).toBe(false);
          connection.end();
        };
      },
      drain: () => drain(),
    },
  });
  const client = new ssh2.Client();
  client.on('error', () => undefined);
  client.connect({ host: '127.0.0.1', port: bed.port, username: 'alice', password: 'right' });
  await once(client, 'ready');
  await bed.stop();
  expect(order).toEqual(['drain', 'closed']);
});

test('a login that cannot be taken over ends, and the first reason given stays', async () => {
  await using failing = await openBed({
    handler: {
      accept: () => {
        throw new Error('no room');
      },
    },
  });
  await tryLogin(failing.port, { username: 'alice', password: 'right' });
  expect((await failing.event('login.ended')).data).toMatchObject({ reason: 'internal_error' });

  await using ending = await openBed({
    handler: {
      accept: (login) => {
        login.noteEnd('terminated');
        login.noteEnd('idle');
        login.connection.end();
      },
    },
  });
  await tryLogin(ending.port, { username: 'alice', password: 'right' });
  expect((await ending.event('login.ended')).data).toMatchObject({ reason: 'terminated' });
});
