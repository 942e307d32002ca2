import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ArchiveBed } from './archive-bed.ts';

test('connections that wait to be handed to an engine that dies are closed, not forgotten', async () => {
  await using bed = await ArchiveBed.create();
  const { pid = Number.NaN } = bed.engine.status();
  // It takes nothing any more, so the first connection stays on its way and the others wait behind it.
  process.kill(pid, 'SIGSTOP');
  const { port } = new URL(bed.engine.url);
  const sockets = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    }),
  );
  // The listener is in this very process: some turns, and it has accepted all of them.
  for (let turn = 0; turn < 50; turn += 1) await setImmediate();
  const closed = Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
  await bed.killEngine();
  expect(await closed).toHaveLength(4);
});
