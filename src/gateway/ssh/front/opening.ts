import type { Socket } from 'node:net';
import { PROXY_HEADER_MAX_BYTES, readProxyHeader } from '#lib/proxy-protocol.ts';
import { err, ok, type Result } from '#lib/result.ts';
import { IDENTIFICATION_MAX_BYTES, OWN_IDENTIFICATION, readIdentification } from './identification.ts';

/** Where a client is, as the socket or its proxy says. */
export interface Origin {
  readonly address: string;
  readonly port: number;
}

export interface Opened {
  /** What the client calls itself, printable ASCII. */
  readonly clientSoftware: string;
  /** True for a connection of a proxy's own, such as a health check. */
  readonly isProxyOwn: boolean;
}

/** Why a connection ended before SSH began. */
export interface OpeningFailure {
  readonly stage: 'proxy_header' | 'identification';
  readonly reason: 'closed' | 'malformed' | 'too_slow';
  readonly detail: string;
  readonly isProxyOwn: boolean;
}

export interface OpeningOptions {
  /** The peer is a trusted proxy: it must say first whom it carries. */
  readonly isProxy: boolean;
  /** Called as soon as the proxy said it, before anything else is read. */
  readonly onOrigin: (origin: Origin) => void;
  /** Aborts when time is up. */
  readonly timeUp: AbortSignal;
}

/**
 * Reads what comes before SSH proper: the PROXY header of trusted proxies, then the client's identification line,
 * which is put back for ssh2. Reads a bounded number of bytes and makes nothing but strings of them, so malformed
 * openings never reach the SSH library.
 */
export async function readOpening(
  socket: Socket,
  options: OpeningOptions,
): Promise<Result<Opened, OpeningFailure>> {
  let isProxyOwn = false;
  const fail = (stage: OpeningFailure['stage'], reason: OpeningFailure['reason'], detail = '') =>
    err({ stage, reason, detail, isProxyOwn });

  if (options.isProxy) {
    const header = await readUntil(socket, options.timeUp, {
      read: readProxyHeader,
      maxBytes: PROXY_HEADER_MAX_BYTES,
      takes: (reading) => (reading.state === 'complete' ? reading.length : 0),
    });
    if (typeof header === 'string') return fail('proxy_header', header);
    if (header.state === 'malformed') return fail('proxy_header', 'malformed', header.why);
    isProxyOwn = header.header.kind === 'local';
    if (header.header.kind === 'client') options.onOrigin(header.header);
  }

  socket.write(OWN_IDENTIFICATION);
  const line = await readUntil(socket, options.timeUp, {
    read: readIdentification,
    maxBytes: IDENTIFICATION_MAX_BYTES,
    // ssh2 reads the line again: it is part of what the key exchange signs.
    takes: () => 0,
  });
  if (typeof line === 'string') return fail('identification', line);
  if (line.state === 'malformed') return fail('identification', 'malformed', line.why);
  return ok({ clientSoftware: line.software, isProxyOwn });
}

type Reading = { readonly state: 'incomplete' | 'malformed' | 'complete' };
type Finished<R extends Reading> = Exclude<R, { readonly state: 'incomplete' }>;

interface Reader<R extends Reading> {
  /** Decides within `maxBytes`. */
  readonly read: (bytes: Buffer) => R;
  readonly maxBytes: number;
  /** How many bytes are used up; the others are put back. */
  readonly takes: (reading: Finished<R>) => number;
}

/** Reads until the reader is satisfied or objects. Leaves the socket paused, with nothing of it listening. */
function readUntil<R extends Reading>(
  socket: Socket,
  timeUp: AbortSignal,
  { read, maxBytes, takes }: Reader<R>,
): Promise<Finished<R> | 'closed' | 'too_slow'> {
  if (socket.destroyed || socket.readableEnded) return Promise.resolve('closed');
  if (timeUp.aborted) return Promise.resolve('too_slow');
  const { promise, resolve } = Promise.withResolvers<Finished<R> | 'closed' | 'too_slow'>();
  let bytes: Buffer = Buffer.alloc(0);
  const finish = (outcome: Finished<R> | 'closed' | 'too_slow'): void => {
    socket.pause();
    socket.off('data', onData);
    socket.off('end', onClosed);
    socket.off('close', onClosed);
    timeUp.removeEventListener('abort', onTimeUp);
    resolve(outcome);
  };
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    const reading = read(bytes);
    if (reading.state === 'incomplete' && bytes.length < maxBytes) return;
    const finished = reading as Finished<R>;
    finish(finished);
    const rest = bytes.subarray(takes(finished));
    // At once, while the stream cannot have ended yet.
    if (rest.length > 0) socket.unshift(rest);
  };
  const onClosed = (): void => finish('closed');
  const onTimeUp = (): void => finish('too_slow');
  socket.on('data', onData);
  socket.on('end', onClosed);
  socket.on('close', onClosed);
  timeUp.addEventListener('abort', onTimeUp);
  socket.resume();
  return promise;
}
