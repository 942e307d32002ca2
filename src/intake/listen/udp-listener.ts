import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { canonicalAddress } from '#lib/ip-text.ts';
import { newCounts, type IntakeCounts, type MutableCounts } from '../counters.ts';
import { readDatagram } from '../framing/datagram.ts';
import type { SyslogPeer } from '#domain/syslog/message.ts';
import type { Frame } from '../framing/frame.ts';
import type { ReadKernelDrops } from './kernel-drops.ts';

export interface UdpListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Sockets that share the port; the kernel spreads senders over them. */
  readonly sockets: number;
  readonly maxBytes: number;
  readonly isAllowed: (address: string) => boolean;
  /** False when there is no room: the datagram is dropped and counted. */
  readonly hasRoom: () => boolean;
  readonly onFrame: (frame: Frame, peer: SyslogPeer) => void;
  readonly readKernelDrops: ReadKernelDrops;
}

export interface UdpListener extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  readonly counts: () => IntakeCounts;
  /** Reads what the kernel dropped. */
  readonly poll: () => Promise<void>;
}

/** Asked for; the kernel gives as much as `net.core.rmem_max` allows. */
const RECEIVE_BUFFER_BYTES = 8 * 1024 * 1024;

/** Receives datagrams: one frame each (RFC 5426). Every one is counted, as received or as what became of it. */
export async function listenUdp(options: UdpListenerOptions): Promise<UdpListener> {
  const { host, sockets } = options;
  await using stack = new AsyncDisposableStack();
  const counts = newCounts();
  let { port } = options;
  /** As the kernel has it, also where the configuration has a name. */
  let bound = host;
  for (let index = 0; index < sockets; index += 1) {
    const socket = createSocket({
      type: host.includes(':') ? 'udp6' : 'udp4',
      reusePort: sockets > 1,
      recvBufferSize: RECEIVE_BUFFER_BYTES,
    });
    stack.defer(() => closed(socket));
    socket.on('message', (bytes, sender) => take(bytes, sender.address, sender.port, options, counts));
    const listening = once(socket, 'listening');
    socket.bind(port, host);
    await listening;
    // A failed read concerns one datagram; the socket goes on.
    socket.on('error', () => undefined);
    ({ address: bound, port } = socket.address());
  }
  const address = { host, port };
  const poll = async (): Promise<void> => {
    const drops = await options.readKernelDrops(bound, port);
    if (drops !== null) counts.droppedByKernel = Math.max(counts.droppedByKernel, drops);
  };
  const open = stack.move();
  return {
    address,
    counts: () => ({ ...counts }),
    poll,
    async [Symbol.asyncDispose]() {
      // With the sockets the kernel forgets what it dropped.
      await poll();
      await open.disposeAsync();
    },
  };
}

function take(
  bytes: Buffer,
  sender: string,
  port: number,
  options: UdpListenerOptions,
  counts: MutableCounts,
): void {
  const address = canonicalAddress(sender) ?? sender;
  if (!options.isAllowed(address)) {
    counts.refused += 1;
    return;
  }
  const frame = readDatagram(bytes, options.maxBytes);
  if (frame === undefined) {
    counts.empty += 1;
    return;
  }
  if (!options.hasRoom()) {
    counts.droppedHere += 1;
    return;
  }
  counts.received += 1;
  if (frame.untruncatedSize !== null) counts.truncated += 1;
  options.onFrame(frame, { address, port, transport: 'udp' });
}

async function closed(socket: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.close(resolve);
  await promise;
}
