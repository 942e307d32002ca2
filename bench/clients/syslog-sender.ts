/** Sends lines of JumpServer as fast as they are taken, or so many datagrams a second, in a process of its own. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLines, LINE_BYTES } from './jumpserver-lines.ts';

export interface SenderOrder {
  readonly transport: 'tcp' | 'udp';
  readonly port: number;
  readonly lines: number;
  /** Of the first record; others follow. */
  readonly firstId: number;
  /** Datagrams; a connection paces itself. */
  readonly perSecond: number;
  /** The last line. */
  readonly needle: string;
}

export type SenderReport = { readonly kind: 'ready' } | { readonly kind: 'sent'; readonly tookMs: number };

const PIECE_BYTES = LINE_BYTES * 400;
const PAUSE_MS = 2;

async function sendStream({ port, needle }: SenderOrder, lines: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  for (let at = 0; at < lines.length; at += PIECE_BYTES)
    if (!socket.write(lines.subarray(at, at + PIECE_BYTES))) await once(socket, 'drain');
  socket.end(`${needle}\n`);
  await once(socket, 'close');
}

async function sendDatagrams({ port, perSecond }: SenderOrder, lines: Buffer): Promise<void> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const startedAt = performance.now();
  let sent = 0;
  let done = Promise.withResolvers<void>();
  const total = lines.length / LINE_BYTES;
  while (sent < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond));
    let open = due - sent;
    for (; sent < due; sent += 1) {
      const at = sent * LINE_BYTES;
      socket.send(lines, at, LINE_BYTES - 1, () => {
        open -= 1;
        if (open === 0) done.resolve();
      });
    }
    if (open > 0) await done.promise;
    done = Promise.withResolvers();
    await delay(PAUSE_MS);
  }
  socket.close();
}

const [order] = (await once(process, 'message')) as [SenderOrder];
const lines = commandLines(order.lines, order.firstId, order.firstId);
process.send?.({ kind: 'ready' } satisfies SenderReport);
await once(process, 'message');
const startedAt = performance.now();
if (order.transport === 'tcp') await sendStream(order, lines);
else await sendDatagrams(order, lines);
process.send?.({ kind: 'sent', tookMs: performance.now() - startedAt } satisfies SenderReport);
process.disconnect();
