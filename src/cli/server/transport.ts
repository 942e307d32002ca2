import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { PortcullisError } from '#contract/errors.ts';
import type { ServerAddress } from './address.ts';

export interface TransportRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Sent as JSON when it is not undefined. */
  readonly body: unknown;
}

/** Sends one request and resolves with the beginning of the answer. */
export type Transport = (request: TransportRequest) => Promise<IncomingMessage>;

/** Locks and recoveries wait for gateways and mail servers; longer silence means that nobody is there. */
const SILENCE_MS = 120_000;

export function openTransport(address: ServerAddress): Transport {
  return ({ method, path, body }) => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const text = body === undefined ? undefined : JSON.stringify(body);
    const options: RequestOptions = {
      method,
      timeout: SILENCE_MS,
      headers: {
        accept: 'application/json',
        'user-agent': 'portcullis-cli',
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(address.kind === 'url' ? { authorization: `Bearer ${address.token.expose()}` } : {}),
      },
    };
    const request = open(address, path, options, resolve);
    request.on('timeout', () => request.destroy(new Error('nothing was answered in two minutes')));
    request.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(address, error)));
    request.end(text);
    return promise;
  };
}

function open(
  address: ServerAddress,
  path: string,
  options: RequestOptions,
  onAnswer: (answer: IncomingMessage) => void,
): ReturnType<typeof httpRequest> {
  if (address.kind === 'socket') return httpRequest({ ...options, socketPath: address.path, path }, onAnswer);
  // The server may be behind a path of its own.
  const url = new URL(address.url.pathname.replace(/\/$/, '') + path, address.url);
  if (url.protocol === 'http:') return httpRequest(url, options, onAnswer);
  return httpsRequest(url, { ...options, ...(address.ca === null ? {} : { ca: address.ca }) }, onAnswer);
}

function unreachable(address: ServerAddress, error: NodeJS.ErrnoException): PortcullisError {
  const place = address.kind === 'socket' ? address.path : address.url.origin;
  return new PortcullisError('E_SERVER_UNREACHABLE', reason(place, error), { cause: error });
}

function reason(place: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return `No server is running here: there is no ${place}. Start it with portcullis serve, or name it with --config, --data or --server.`;
    case 'ECONNREFUSED':
      return `Nobody answers at ${place}: the server is not running. Start it with portcullis serve.`;
    case 'EACCES':
      return `${place} belongs to another user. Run the command as the user the server runs as, or use --server with a token.`;
    default:
      return `${place} cannot be reached: ${error.message}.`;
  }
}
