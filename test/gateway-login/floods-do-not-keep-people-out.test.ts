import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { openBed, tryLogin, type Bed } from './bed.ts';
import { RawClient } from './raw-client.ts';

const HONEST = '127.0.0.1';

async function honestLogin(bed: Bed, localAddress = HONEST): Promise<number> {
  const before = performance.now();
  const attempt = await tryLogin(bed.port, {
    username: 'alice',
    privateKey: bed.keys.alice.privateKey,
    localAddress,
  });
  expect(attempt).toMatchObject({ isIn: true, output: 'in as Alice\n' });
  return performance.now() - before;
}

const dispose = (sockets: readonly Socket[]): void => {
  for (const socket of sockets) socket.destroy();
};

function halfOpen(bed: Bed, localAddress: string): Promise<Socket> {
  const socket = connect({ port: bed.port, host: '127.0.0.1', localAddress });
  socket.on('error', () => undefined);
  socket.resume();
  const { promise, resolve } = Promise.withResolvers<Socket>();
  socket.once('connect', () => resolve(socket));
  socket.once('close', () => resolve(socket));
  return promise;
}

test.each([
  ['one address', () => '127.0.0.2'],
  ['forty addresses', (index: number) => `127.0.1.${index % 40}`],
  ['the address of the honest user', () => HONEST],
])('2,000 half-open connections from %s', async (_what, from) => {
  await using bed = await openBed();
  const open: Socket[] = [];
  const waits: number[] = [];
  for (let batch = 0; batch < 20; batch += 1) {
    const sockets = Array.from({ length: 100 }, (_, index) => halfOpen(bed, from(batch * 100 + index)));
    open.push(...(await Promise.all(sockets)));
    waits.push(await honestLogin(bed));
  }
  // The limits hold: the rest was dropped, and counted.
  const alive = open.filter((socket) => !socket.destroyed && !socket.readableEnded);
  expect(alive.length).toBeLessThanOrEqual(200);
  expect(Math.max(...waits)).toBeLessThan(5_000);
  dispose(open);
  await bed.stop();
  const dropped = (await bed.events()).filter(({ type }) => type === 'connection.dropped');
  const count = dropped.reduce((sum, { data }) => sum + Number(data['count']), 0);
  expect(count).toBeGreaterThanOrEqual(1_700);
  expect(dropped.length).toBeLessThan(200);
});

test('a source that exchanges keys and leaves, over and over, is slowed down; others are not', async () => {
  await using bed = await openBed();
  const flooder = '127.0.0.7';
  const exchange = async (): Promise<number> => {
    const before = performance.now();
    using _raw = await RawClient.open(bed.port, flooder);
    return performance.now() - before;
  };
  const lane = async (): Promise<number> => {
    let last = 0;
    for (let round = 0; round < 40; round += 1) last = await exchange();
    return last;
  };
  const lasts = await Promise.all(Array.from({ length: 5 }, lane));
  expect(Math.max(...lasts)).toBeGreaterThan(200);
  expect(await honestLogin(bed)).toBeLessThan(1_000);
  // Slowed down, not shut out.
  expect(await honestLogin(bed, flooder)).toBeLessThan(4_000);
});

/** Bytes that are nearly SSH, quite SSH up to some point, or nothing of the kind. */
function malformed(random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => below(256)));
  const identification = Buffer.from('SSH-2.0-fuzz\r\n');
  const packet = (payload: Buffer): Buffer => {
    const padding = 4 + ((8 - ((payload.length + 9) % 8)) % 8);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(payload.length + padding + 1);
    head[4] = padding;
    return Buffer.concat([head, payload, Buffer.alloc(padding)]);
  };
  const nameLists = (count: number): Buffer =>
    Buffer.concat(
      Array.from({ length: count }, () => {
        const names = Buffer.from(
          'curve25519-sha256,ssh-ed25519,aes128-gcm@openssh.com,none'.slice(0, below(58)),
        );
        const length = Buffer.alloc(4);
        length.writeUInt32BE(random() < 0.1 ? below(2 ** 32) : names.length);
        return Buffer.concat([length, names]);
      }),
    );
  const keyExchangeInit = (): Buffer =>
    packet(Buffer.concat([Buffer.of(20), noise(16), nameLists(10), Buffer.alloc(5)]));
  const kinds: readonly (() => Buffer)[] = [
    () => noise(1 + below(200)),
    () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
    () => Buffer.from(`SSH-2.0-${'a'.repeat(below(100_000))}`),
    () => Buffer.from('\r\n'.repeat(below(1_000))),
    () => Buffer.concat([Buffer.from('SSH-'), noise(below(300))]),
    () => Buffer.concat([identification, noise(below(2_000))]),
    () => Buffer.concat([identification, Buffer.from('ffffffff', 'hex'), noise(50)]),
    () => Buffer.concat([identification, Buffer.from('000088b8', 'hex'), noise(100)]),
    // A padding longer than the packet.
    () => Buffer.concat([identification, Buffer.from('0000000cff', 'hex'), noise(11)]),
    () => Buffer.concat([identification, packet(Buffer.of(below(256))), packet(noise(1 + below(60)))]),
    () => Buffer.concat([identification, keyExchangeInit()]),
    () =>
      Buffer.concat([identification, keyExchangeInit(), packet(Buffer.concat([Buffer.of(30), noise(36)]))]),
    () => Buffer.concat([identification, keyExchangeInit(), keyExchangeInit(), packet(Buffer.of(21))]),
    () => identification,
  ];
  return (kinds[below(kinds.length)] ?? kinds[0])?.() ?? Buffer.alloc(0);
}

test(
  '10,000 malformed banners and packets: nothing breaks, memory is bounded, people log in',
  { timeout: 180_000 },
  async () => {
    await using bed = await openBed();
    const random = seeded(runSeed('malformed'));
    const waits: number[] = [];
    let rssAfterFirst = 0;
    let sent = 0;
    const one = async (): Promise<void> => {
      const socket = connect({
        port: bed.port,
        host: '127.0.0.1',
        localAddress: `127.0.${2 + (sent % 8)}.${1 + (sent % 250)}`,
      });
      socket.on('error', () => undefined);
      socket.resume();
      const bytes = malformed(random);
      // Some all at once, some in two pieces, some with the line closed behind them.
      const cut = Math.floor(random() * bytes.length);
      const ends = random() < 0.9;
      socket.write(bytes.subarray(0, cut));
      socket.write(bytes.subarray(cut));
      if (ends) socket.end();
      else setTimeout(() => socket.destroy(), 20);
      if (!socket.destroyed) await once(socket, 'close');
    };
    for (let batch = 0; batch < 100; batch += 1) {
      await Promise.all(
        Array.from({ length: 100 }, () => {
          sent += 1;
          return one();
        }),
      );
      if (batch % 10 === 0) waits.push(await honestLogin(bed));
      if (batch === 20) rssAfterFirst = process.memoryUsage().rss;
    }
    expect(sent).toBe(10_000);
    expect(process.memoryUsage().rss - rssAfterFirst).toBeLessThan(150 * 1024 * 1024);
    expect(Math.max(...waits)).toBeLessThan(5_000);
    await bed.stop();
    const ends = (await bed.events()).filter(({ type }) => type.startsWith('connection.'));
    const counted = ends.reduce((sum, { data }) => sum + Number(data['count']), 0);
    expect(counted).toBe(10_000);
    // A flood is summed up, not written down one by one.
    expect(ends.length).toBeLessThan(6_000);
  },
);
