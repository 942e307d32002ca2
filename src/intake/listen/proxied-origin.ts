import type { Socket } from 'node:net';
import { PROXY_HEADER_MAX_BYTES, readProxyHeader } from '#lib/proxy-protocol.ts';

export interface Origin {
  readonly address: string;
  readonly port: number;
}

/**
 * Reads the PROXY header with which a trusted proxy says whom it carries. Undefined when it sends none in time, a
 * broken one, or carries nobody (a health check): then nothing of it is a message.
 */
export function readOrigin(socket: Socket, withinMs: number): Promise<Origin | undefined> {
  const { promise, resolve } = Promise.withResolvers<Origin | undefined>();
  let bytes: Buffer = Buffer.alloc(0);
  const finish = (origin: Origin | undefined): void => {
    clearTimeout(timer);
    socket.pause();
    socket.off('data', onData);
    socket.off('close', onClose);
    resolve(origin);
  };
  const onClose = (): void => finish(undefined);
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const reading = readProxyHeader(bytes);
    if (reading.state === 'incomplete' && bytes.length < PROXY_HEADER_MAX_BYTES) return;
    if (reading.state !== 'complete' || reading.header.kind === 'local') {
      finish(undefined);
      return;
    }
    const { address, port } = reading.header;
    finish({ address, port });
    const rest = bytes.subarray(reading.length);
    // At once, while the stream cannot have ended yet.
    if (rest.length > 0) socket.unshift(rest);
  };
  const timer = setTimeout(() => finish(undefined), withinMs);
  socket.on('data', onData);
  socket.on('close', onClose);
  return promise;
}
