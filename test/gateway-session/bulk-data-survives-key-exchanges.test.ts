import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBed, type Bed } from './bed.ts';
import { ssh } from './run-ssh.ts';

const BYTES = 40_000_000;
const WHOLE_BYTES = 4_000;

let bed: Bed;
let target: string;
beforeAll(async () => {
  // sshd renews keys with the gateway after every megabyte, in the middle of the data.
  bed = await openBed({ sshdConfig: ['RekeyLimit 1M'] });
  target = `alice@${bed.sshd.account}@web01`;
});
afterAll(() => bed[Symbol.asyncDispose]());

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Sends random bytes there and back and compares. */
async function echo(size: number, ...options: readonly string[]): Promise<boolean> {
  const input = randomBytes(size);
  const done = await ssh([...bed.ssh(target, ...options), 'cat'], input);
  expect(done.stderr).toBe('');
  expect(done.code).toBe(0);
  expect(done.stdout.length).toBe(size);
  return sha256(done.stdout) === sha256(input);
}

/** Passes bytes on in tiny pieces once both sides have met, so that packets end at every place of a read. */
async function startChopper(toPort: number): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer({ noDelay: true }, (socket) => {
    const upstream = connect({ port: toPort, host: '127.0.0.1', noDelay: true });
    socket.pipe(upstream);
    socket.on('error', () => upstream.destroy());
    upstream.on('error', () => socket.destroy());
    void (async () => {
      let passed = 0;
      for await (const chunk of upstream) {
        const bytes = chunk as Buffer;
        passed += bytes.length;
        if (passed < WHOLE_BYTES) socket.write(bytes);
        else
          for (let at = 0, size = 1; at < bytes.length; at += size, size = (size % 151) + 1) {
            socket.write(bytes.subarray(at, at + size));
            await new Promise((resolve) => {
              setImmediate(resolve);
            });
          }
      }
      socket.end();
    })().catch(() => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    [Symbol.asyncDispose]: () => {
      server.close();
      return Promise.resolve();
    },
  };
}

test('when packets come in tiny pieces', async () => {
  await using chopper = await startChopper(bed.sshd.port);
  const { state } = bed.storage;
  const setPort = (port: number) =>
    state.transact(async (tx) => {
      await tx.updateTable('assets').set({ port }).execute();
    });
  await setPort(chopper.port);
  try {
    // Each line is a small packet of its own, so hundreds of them are cut at each place.
    const done = await ssh([...bed.ssh(target), 'for i in $(seq 4000); do echo "line $i"; done']);
    expect(done.stderr).toBe('');
    const lines = Array.from({ length: 4000 }, (_, index) => `line ${index + 1}\n`);
    expect(done.stdout.toString()).toBe(lines.join(''));
  } finally {
    await setPort(bed.sshd.port);
  }
});

test('when the asset renews keys', async () => {
  expect(await echo(BYTES, '-c', 'aes128-gcm@openssh.com')).toBe(true);
});

test('when client and asset renew keys at once', async () => {
  expect(await echo(BYTES, '-c', 'aes256-gcm@openssh.com', '-o', 'RekeyLimit=1M')).toBe(true);
});

test.each(['chacha20-poly1305@openssh.com', 'aes256-ctr'])(
  'with %s, which goes the long way',
  async (cipher) => {
    expect(await echo(BYTES, '-c', cipher, '-o', 'RekeyLimit=5M')).toBe(true);
  },
);
