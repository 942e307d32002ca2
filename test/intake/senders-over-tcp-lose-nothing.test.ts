import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { insertLogSource } from '#state/log-sources.ts';
import { closed, connectTo, sendDatagrams, startBed } from './intake-bed.ts';

test('messages that end with NUL, as JumpServer sends them, are whole', async () => {
  await using bed = await startBed();
  const socket = await connectTo(bed.port('tcp'));
  socket.end('<14>jumpserver: login_log - {"a": 1}\0<11>jumpserver: Error\nTraceback\0');
  expect(await bed.messages(2)).toEqual([
    '<14>jumpserver: login_log - {"a": 1}',
    '<11>jumpserver: Error\nTraceback',
  ]);
  expect(bed.published[0]).toMatchObject({ source: '127.0.0.1', realm: '127.0.0.1' });
});

test('a sender waits while the stream takes nothing, and then everything arrives in order', async () => {
  const gate = Promise.withResolvers<void>();
  await using bed = await startBed({ gate: () => gate.promise, intake: { maxQueuedBytes: 100_000 } });
  const socket = await connectTo(bed.port('tcp'));
  const total = 8000;
  const line = (index: number): string => `<13>app: ${index} ${'x'.repeat(1500)}`;
  let isBlocked = false;
  for (let index = 0; index < total; index += 1) isBlocked = !socket.write(`${line(index)}\n`) || isBlocked;
  while (bed.listener('tcp').received === 0) await setImmediate();
  // More turns than a reader without limits would need for all of it.
  for (let turn = 0; turn < 2000; turn += 1) await setImmediate();
  const taken = bed.listener('tcp').received;
  expect(isBlocked).toBe(true);
  expect(taken).toBeLessThan(total / 10);
  gate.resolve();
  socket.end();
  const raw = await bed.messages(total);
  expect(raw).toEqual(Array.from({ length: total }, (_, index) => line(index)));
});

test('datagrams that fill the queue do not silence a connection', async () => {
  const gate = Promise.withResolvers<void>();
  await using bed = await startBed({ gate: () => gate.promise });
  const datagram = `<13>app: ${'x'.repeat(1400)}`;
  const piece = Array.from({ length: 50 }, () => datagram);
  // More than connections may have waiting, less than all may.
  while (bed.listener('udp').received < 6_000) {
    await sendDatagrams(bed.port('udp'), piece);
    await setImmediate();
  }
  const socket = await connectTo(bed.port('tcp'));
  socket.end('<13>app: over tcp\n');
  while (bed.listener('tcp').received === 0) await setImmediate();
  gate.resolve();
  expect(await bed.messages(bed.listener('udp').received + 1)).toContain('<13>app: over tcp');
});

test('what the stream refuses is tried again and stored once', async () => {
  let refusals = 2;
  await using bed = await startBed({
    gate: async () => {
      if (refusals > 0) {
        refusals -= 1;
        throw new Error('the disk is full');
      }
    },
  });
  const socket = await connectTo(bed.port('tcp'));
  socket.end('<13>app: a\n<13>app: b\n');
  expect(await bed.messages(2)).toEqual(['<13>app: a', '<13>app: b']);
  expect(bed.intake.status().problem).toBeNull();
});

test('when it stops, everything that was taken is stored', async () => {
  const bed = await startBed();
  const socket = await connectTo(bed.port('tcp'));
  socket.on('error', () => undefined);
  socket.write(Array.from({ length: 5000 }, (_, index) => `<13>app: ${index}\n`).join(''));
  while (bed.listener('tcp').received === 0) await setImmediate();
  await bed.intake[Symbol.asyncDispose]();
  expect(bed.published.length).toBe(bed.listener('tcp').received);
  expect(bed.published.length).toBeGreaterThan(0);
  socket.destroy();
});

test('a proxy that is trusted says whom it carries; one that says nothing sensible is refused', async () => {
  await using bed = await startBed({ config: { trustedProxies: ['127.0.0.1'] } });
  const proxied = await connectTo(bed.port('tcp'));
  proxied.write('PROXY TCP4 192.0.2.9 192.0.2.1 5555 514\r\n<13>app: ');
  proxied.end('behind\n');
  expect(await bed.messages(1)).toEqual(['<13>app: behind']);
  expect(bed.published[0]).toMatchObject({ source: '192.0.2.9' });
  const plain = await connectTo(bed.port('tcp'));
  const over = closed(plain);
  plain.write('<13>app: without\n');
  await over;
  expect(bed.listener('tcp')).toMatchObject({ refused: 1, received: 1 });
});

test('nobody outside speaks in the name of the gateway, whatever the list of sources says', async () => {
  await using bed = await startBed();
  await bed.state.transact((tx) =>
    insertLogSource(
      tx,
      {
        id: 'x',
        name: 'gateway',
        address: '127.0.0.1',
        host: '*',
        app: '*',
        realm: 'Gateway',
        confirmedBy: 'eve',
      },
      1,
    ),
  );
  await bed.sources.reload();
  const socket = await connectTo(bed.port('tcp'));
  socket.end('<13>app: x\n');
  await bed.messages(1);
  expect(bed.published[0]).toMatchObject({
    source: '127.0.0.1',
    realm: '127.0.0.1',
    data: { intake: { confirmed: false } },
  });
});

test('a defect in reading one message keeps it raw and stops nothing', async () => {
  await using bed = await startBed({
    intake: {
      normalise: () => {
        throw new Error('a defect');
      },
    },
  });
  const socket = await connectTo(bed.port('tcp'));
  socket.end('<13>app: a\n<13>app: b\n');
  expect(await bed.messages(2)).toEqual(['<13>app: a', '<13>app: b']);
});

test('more connections than allowed are refused and counted', async () => {
  await using bed = await startBed({ config: { connections: 1 } });
  const first = await connectTo(bed.port('tcp'));
  const second = await connectTo(bed.port('tcp'));
  await closed(second);
  expect(bed.listener('tcp')).toMatchObject({ refused: 1, connections: 1 });
  first.end('<13>app: still there\n');
  expect(await bed.messages(1)).toEqual(['<13>app: still there']);
});

test('a connection over which nothing comes is ended', async () => {
  await using bed = await startBed({ config: { idleMs: 50 } });
  const socket = await connectTo(bed.port('tcp'));
  socket.write('<13>app: unfinished');
  await closed(socket);
  expect(await bed.messages(1)).toEqual(['<13>app: unfinished']);
});

test('an over-long message is cut and marked, and the next is whole', async () => {
  await using bed = await startBed({ config: { messageBytes: 1024 } });
  const socket = await connectTo(bed.port('tcp'));
  socket.end(`<13>app: ${'x'.repeat(200_000)}\n<13>app: next\n`);
  const [first, next] = await bed.messages(2);
  expect(first).toHaveLength(1024);
  expect(next).toBe('<13>app: next');
  expect(bed.published[0]?.data).toMatchObject({ truncated: true, untruncatedSize: 200_009 });
  expect(bed.listener('tcp')).toMatchObject({ received: 2, truncated: 1 });
});

test('unfinished messages of all connections together are bounded: who goes beyond is cut off', async () => {
  await using bed = await startBed({ intake: { maxHeldBytes: 300_000 } });
  const sockets = await Promise.all(Array.from({ length: 5 }, () => connectTo(bed.port('tcp'))));
  const over = sockets.map(closed);
  for (const socket of sockets) socket.write(`<13>app: ${'x'.repeat(100_000)}`);
  await Promise.race(over);
  await bed.messages(1);
  expect(bed.listener('tcp').connections).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
});

test('an address that is taken is told by its key', async () => {
  await using bed = await startBed();
  const taken = { host: '127.0.0.1', port: bed.port('tcp') };
  await expect(startBed({ config: { udp: [], tcp: [taken] } })).rejects.toMatchObject({
    code: 'E_CONFIG',
    problems: [{ path: 'intake.tcp', message: expect.stringContaining('EADDRINUSE') as string }],
  });
});
