import { type Agent, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { TLSSocket } from 'node:tls';
import { printable } from '#lib/printable.ts';
import { ConnectorError } from '../connector-error.ts';

export interface ExchangeLimits {
  /** Until there is a connection, with TLS. */
  readonly connectTimeoutMs: number;
  /** From then until the head of the answer. */
  readonly responseTimeoutMs: number;
  /** For everything. */
  readonly totalTimeoutMs: number;
  readonly maxBytes: number;
}

export const USUAL_LIMITS: ExchangeLimits = {
  connectTimeoutMs: 5_000,
  responseTimeoutMs: 10_000,
  totalTimeoutMs: 15_000,
  maxBytes: 8 * 1024 * 1024,
};

export interface ExchangeRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly limits: ExchangeLimits;
  readonly signal: AbortSignal;
  /** Ours, so that no proxy of the environment comes between. */
  readonly agent: Agent;
}

/** What is behind the connection. */
export interface PeerTls {
  readonly protocol: string;
  readonly subject: string;
  readonly issuer: string;
  /** Epoch milliseconds; null when the certificate does not say it readably. */
  readonly validUntil: number | null;
}

export interface ExchangeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly tls: PeerTls | null;
}

/**
 * One request and its whole answer; redirects are answers like any other. Throws ConnectorError, which says
 * whether the server may have acted.
 */
export async function exchange(asked: ExchangeRequest): Promise<ExchangeAnswer> {
  const { url, limits, signal } = asked;
  const over = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const state = { isSent: false };
  const giveUp = (failure: 'timeout' | 'unreachable', message: string): void =>
    over.abort(new ConnectorError(failure, message, { mayHaveActed: state.isSent }));
  const after = (ms: number, message: string): NodeJS.Timeout => {
    const timer = setTimeout(() => giveUp('timeout', message), ms);
    timers.push(timer);
    return timer;
  };
  const onAbort = (): void => giveUp('timeout', `${url.host} was not waited for any longer`);
  signal.addEventListener('abort', onAbort, { once: true });
  after(limits.totalTimeoutMs, `${url.host} did not finish its answer in ${limits.totalTimeoutMs} ms`);
  try {
    if (signal.aborted) onAbort();
    const connecting = after(
      limits.connectTimeoutMs,
      `no connection to ${url.host} in ${limits.connectTimeoutMs} ms`,
    );
    const answering = { timer: connecting };
    const response = await head(asked, over.signal, () => {
      clearTimeout(answering.timer);
      state.isSent = true;
      answering.timer = after(
        limits.responseTimeoutMs,
        `${url.host} did not answer in ${limits.responseTimeoutMs} ms`,
      );
    });
    clearTimeout(answering.timer);
    // Once the answer is read, the connection belongs to the next request.
    const tls = peerOf(response);
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      text: await readText(response, limits.maxBytes, url.host),
      tls,
    };
  } catch (error) {
    throw over.signal.reason instanceof ConnectorError
      ? over.signal.reason
      : asConnectorError(error, url.host, state.isSent);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** `onConnected` is called when the request is on its way. */
function head(
  asked: ExchangeRequest,
  signal: AbortSignal,
  onConnected: () => void,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { method, url, headers, body, agent } = asked;
  const start = url.protocol === 'https:' ? requestTls : requestPlain;
  const request = start(url, {
    method,
    agent,
    signal,
    maxHeaderSize: 32 * 1024,
    headers: {
      ...headers,
      Accept: 'application/json',
      ...(body === null
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    },
  });
  request.once('socket', (socket) => {
    const ready = socket instanceof TLSSocket ? 'secureConnect' : 'connect';
    // A connection that was kept open says nothing again.
    if (request.reusedSocket || (!socket.connecting && !(socket instanceof TLSSocket))) onConnected();
    else socket.once(ready, onConnected);
  });
  request.once('response', resolve);
  request.once('error', reject);
  request.end(body ?? undefined);
  return promise;
}

async function readText(response: IncomingMessage, maxBytes: number, host: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) {
      response.destroy();
      throw new ConnectorError('protocol', `${host} answers with more than ${maxBytes} bytes`, {
        mayHaveActed: true,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function peerOf(response: IncomingMessage): PeerTls | null {
  const { socket } = response;
  if (!(socket instanceof TLSSocket)) return null;
  const { subject, issuer, valid_to: validTo } = socket.getPeerCertificate();
  const until = Date.parse(validTo ?? '');
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    subject: nameOf(subject?.CN),
    issuer: nameOf(issuer?.CN),
    validUntil: Number.isNaN(until) ? null : until,
  };
}

function nameOf(name: string | readonly string[] | undefined): string {
  return printable([name ?? 'without a name'].flat().join(', '), 200);
}

function asConnectorError(error: unknown, host: string, isSent: boolean): ConnectorError {
  if (error instanceof ConnectorError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = printable(error instanceof Error ? error.message : String(error), 300);
  if (/CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code))
    return new ConnectorError('certificate', `the certificate of ${host} is not accepted: ${why}`, {
      cause: error,
    });
  return new ConnectorError(
    isSent ? 'broken' : 'unreachable',
    isSent ? `${host} broke off: ${why}` : `${host} cannot be reached: ${why}`,
    { mayHaveActed: isSent, cause: error },
  );
}
