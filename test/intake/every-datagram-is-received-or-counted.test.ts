import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { unparsedEvent } from '#domain/normalise/build-event.ts';
import { newId } from '#lib/ids.ts';
import { connectTo, sendDatagrams, startBed, type IntakeBed } from './intake-bed.ts';

const dropsTold = (bed: IntakeBed): number =>
  bed.published
    .filter(({ type }) => type === 'events.dropped')
    .reduce((sum, { data }) => sum + Number(data['events']), 0);

/** Looks again until everything that was sent is accounted for. What would never be, ends by the limit of the test. */
async function accountedFor(bed: IntakeBed, sent: number): Promise<void> {
  for (;;) {
    await bed.intake.look();
    const { received, droppedByKernel, droppedHere } = bed.listener('udp');
    if (received + droppedByKernel + droppedHere >= sent) return;
    await setImmediate();
  }
}

test('an overload is dropped by the kernel, and the numbers are exact', { timeout: 60_000 }, async () => {
  await using bed = await startBed();
  // Receiver and sender share this thread, so nothing is read while it sends: more than any receive buffer.
  const sent = 12_000;
  const text = `<13>app: ${'x'.repeat(1400)}`;
  await sendDatagrams(
    bed.port('udp'),
    Array.from({ length: sent }, () => text),
  );
  await accountedFor(bed, sent);
  const { received, droppedByKernel, droppedHere } = bed.listener('udp');
  expect(received + droppedByKernel + droppedHere).toBe(sent);
  expect(droppedByKernel).toBeGreaterThan(0);
  expect(received).toBeGreaterThan(0);
  expect(await bed.messages(received)).toHaveLength(received);
  expect(dropsTold(bed)).toBe(droppedByKernel + droppedHere);
});

test('without room in the queue datagrams are dropped and counted, and those that were taken are stored', async () => {
  const gate = Promise.withResolvers<void>();
  let isHeld = true;
  await using bed = await startBed({
    gate: () => (isHeld ? gate.promise : Promise.resolve()),
    intake: { maxQueuedBytes: 20_000 },
  });
  const sent = 100;
  await sendDatagrams(
    bed.port('udp'),
    Array.from({ length: sent }, (_, index) => `<13>app: ${index}`),
  );
  const looking = accountedFor(bed, sent);
  isHeld = false;
  gate.resolve();
  await looking;
  const { received, droppedByKernel, droppedHere } = bed.listener('udp');
  expect(received + droppedByKernel + droppedHere).toBe(sent);
  expect(await bed.messages(received)).toHaveLength(received);
});

test('on a short disk datagrams are dropped, counted and told; then they are taken again', async () => {
  let free = 199;
  await using bed = await startBed({ intake: { minimumFreeBytes: 200, freeBytes: async () => free } });
  await sendDatagrams(bed.port('udp'), ['<13>app: lost', '<13>app: lost too']);
  await accountedFor(bed, 2);
  expect(bed.listener('udp')).toMatchObject({ received: 0, droppedHere: 2 });
  expect(bed.intake.status().problem).toMatch(/disk/);
  await bed.intake.look();
  expect(dropsTold(bed)).toBe(2);
  free = 200;
  await bed.intake.look();
  expect(bed.intake.status().problem).toBeNull();
  await sendDatagrams(bed.port('udp'), ['<13>app: kept']);
  expect(await bed.messages(1)).toEqual(['<13>app: kept']);
});

test('what comes faster than the clock ticks is stopped before it takes more than it may', async () => {
  const diskBytes = 64 * 1024 * 1024;
  const minimumFreeBytes = 32 * 1024 * 1024;
  let storedBytes = 0;
  await using bed = await startBed({
    intake: {
      minimumFreeBytes,
      freeBytes: async () => diskBytes - storedBytes,
      normalise: (message, origin) => {
        storedBytes += message.raw.length;
        return [unparsedEvent(newId(), message, origin, 'a test', {})];
      },
    },
  });
  const socket = await connectTo(bed.port('tcp'));
  const line = `<13>app: ${'x'.repeat(60_000)}\n`;
  for (let index = 0; index < 1_000; index += 1) socket.write(line);
  while (bed.intake.status().problem === null) await setImmediate();
  // It is looked at every 8 MiB, and 6 MiB may be on their way.
  expect(diskBytes - storedBytes).toBeGreaterThan(minimumFreeBytes - 16 * 1024 * 1024);
  socket.destroy();
});

test('an address that is not allowed is refused and counted', async () => {
  await using bed = await startBed({ config: { allowFrom: ['192.0.2.0/24'] } });
  await sendDatagrams(bed.port('udp'), ['<13>app: a']);
  while (bed.listener('udp').refused === 0) await setImmediate();
  expect(bed.listener('udp')).toMatchObject({ refused: 1, received: 0 });
});
