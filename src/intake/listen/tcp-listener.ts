import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { canonicalAddress } from '#lib/ip-text.ts';
import type { Logger } from '#lib/log.ts';
import { newCounts, type IntakeCounts } from '../counters.ts';
import type { Framing } from '../framing/framer.ts';
import type { SyslogPeer } from '#domain/syslog/message.ts';
import type { Frame } from '../framing/frame.ts';
import { readConnection, type Connection } from './connection.ts';
import { readOrigin } from './proxied-origin.ts';

export interface TcpListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Null for plain TCP. With a CA in it clients must show a certificate of it. */
  readonly tls: TlsOptions | null;
  readonly framing: Framing;
  readonly maxBytes: number;
  readonly maxConnections: number;
  readonly idleMs: number;
  readonly isAllowed: (address: string) => boolean;
  readonly isProxy: (address: string) => boolean;
  /** Asked after each piece: without room no other is read, and the sender has to wait. */
  readonly hasRoom: () => boolean;
  readonly onFrame: (frame: Frame, peer: SyslogPeer) => void;
  /** Bytes of unfinished frames over all connections may grow by so many; false closes the one that would. */
  readonly mayHold: (growth: number) => boolean;
  readonly logger: Logger;
}

export interface TcpListener extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number };
  readonly counts: () => IntakeCounts;
  readonly connections: () => number;
  /** There is room again: what was paused is read on. */
  readonly resume: () => void;
}

const HANDSHAKE_MS = 10_000;

/** Receives streams of frames over TCP, or TLS (RFC 6587, RFC 5425). */
export async function listenTcp(options: TcpListenerOptions): Promise<TcpListener> {
  const { host, port, tls, logger } = options;
  const counts = newCounts();
  const sockets = new Set<Socket>();
  const connections = new Set<Connection>();
  /** Whom the connections carry that are in their TLS handshake. */
  const waiting = new Map<string, SyslogPeer>();
  const transport = tls === null ? 'tcp' : 'tls';

  const read = (socket: Socket, peer: SyslogPeer): void => {
    const connection = readConnection(socket, {
      framing: options.framing,
      maxBytes: options.maxBytes,
      idleMs: options.idleMs,
      hasRoom: options.hasRoom,
      mayHold: options.mayHold,
      onFrame: (frame) => {
        counts.received += 1;
        if (frame.untruncatedSize !== null) counts.truncated += 1;
        options.onFrame(frame, peer);
      },
    });
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };
  const secure = tls === null ? null : createTlsServer({ ...tls, handshakeTimeout: HANDSHAKE_MS });
  secure?.on('tlsClientError', (error, socket) => {
    counts.refused += 1;
    logger.debug({ err: error }, 'a TLS handshake of a sender failed');
    socket.destroy();
  });

  const accept = async (socket: Socket): Promise<void> => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    const own = ownAddress(socket);
    const origin = options.isProxy(own.address) ? await readOrigin(socket, HANDSHAKE_MS) : own;
    if (origin === undefined || !options.isAllowed(origin.address)) {
      counts.refused += 1;
      socket.destroy();
      return;
    }
    const peer: SyslogPeer = { ...origin, transport };
    if (secure === null) {
      read(socket, peer);
      return;
    }
    const key = portKey(socket);
    waiting.set(key, peer);
    socket.once('close', () => waiting.delete(key));
    secure.emit('connection', socket);
  };
  secure?.on('secureConnection', (socket) => {
    const peer = waiting.get(portKey(socket));
    socket.on('error', () => undefined);
    if (peer === undefined) socket.destroy();
    else read(socket, peer);
  });

  const server = createServer({ noDelay: true }, (socket) => {
    accept(socket).catch((error: unknown) => {
      logger.error({ err: error }, 'a connection of a sender could not be read');
      socket.destroy();
    });
  });
  server.maxConnections = options.maxConnections;
  server.on('drop', () => {
    counts.refused += 1;
  });
  const listening = once(server, 'listening');
  server.listen(port, host);
  await listening;
  const bound = server.address();
  return {
    address: { host, port: typeof bound === 'object' && bound !== null ? bound.port : port },
    counts: () => ({ ...counts }),
    connections: () => sockets.size,
    resume: () => {
      for (const connection of connections) connection.resume();
    },
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      await promise;
    },
  };
}

/** Names a connection on this machine; a TLS socket has the ports of the one below it. */
function portKey(socket: Socket): string {
  return `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
}

function ownAddress(socket: Socket): { readonly address: string; readonly port: number } {
  const text = socket.remoteAddress ?? '';
  return { address: canonicalAddress(text) ?? text, port: socket.remotePort ?? 0 };
}
