import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/** What goes wrong with one answer. */
export type Fault =
  /** Answered instead of being done. */
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  /** Not done, no answer: the connection is closed. */
  | { readonly kind: 'reset' }
  /** Done, but the answer never arrives: the connection is closed. */
  | { readonly kind: 'done-then-reset' }
  /** Done, half of the answer arrives, then the connection is closed. */
  | { readonly kind: 'half' }
  /** Done, and then there is silence for as long as the client waits. */
  | { readonly kind: 'silence' }
  /** Done, and the answer trickles in, a byte at a time, for as long as the client waits. */
  | { readonly kind: 'trickle' }
  /** A page of a portal instead of JSON. */
  | { readonly kind: 'portal' }
  /** More than anybody wants to read. */
  | { readonly kind: 'flood' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** Done; every item of a list comes twice. */
  | { readonly kind: 'twice' };

export const ACTS: ReadonlySet<Fault['kind']> = new Set([
  'done-then-reset',
  'half',
  'silence',
  'trickle',
  'twice',
]);

const TRICKLE_MS = 20;
const FLOOD_BYTES = 64 * 1024 * 1024;
const CHUNK = 'a'.repeat(64 * 1024);

/** Sends the answer as well as the fault lets it. */
export async function send(
  response: ServerResponse,
  answer: Answer,
  fault: Fault | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const body = answer.body === undefined ? '' : JSON.stringify(answer.body);
  const json = { ...headers, ...answer.headers, 'Content-Type': 'application/json' };
  switch (fault?.kind) {
    case undefined:
    case 'twice':
      response.writeHead(answer.status, json).end(body);
      return;
    case 'status':
      response
        .writeHead(fault.status, { ...json, ...fault.headers })
        .end(JSON.stringify({ detail: 'A fault of the test.', code: 'fault' }));
      return;
    case 'reset':
    case 'done-then-reset':
      response.destroy();
      return;
    case 'half':
      response.writeHead(answer.status, { ...json, 'Content-Length': String(Buffer.byteLength(body)) });
      response.write(body.slice(0, Math.floor(body.length / 2)), () => response.destroy());
      return;
    case 'silence':
      return;
    case 'trickle':
      await trickle(response, answer.status, json);
      return;
    case 'portal':
      response.writeHead(200, { ...headers, 'Content-Type': 'text/html' }).end('<html>Please log in</html>');
      return;
    case 'flood':
      await flood(response, json);
      return;
    case 'redirect':
      response.writeHead(302, { ...json, Location: fault.to }).end();
      return;
    default:
      fault satisfies never;
  }
}

async function trickle(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  response.writeHead(status, headers);
  const timer = setInterval(() => response.write(' '), TRICKLE_MS);
  await once(response, 'close');
  clearInterval(timer);
}

function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    response.off('drain', done).off('close', done);
    resolve();
  };
  response.on('drain', done).on('close', done);
  return promise;
}

async function flood(response: ServerResponse, headers: Readonly<Record<string, string>>): Promise<void> {
  response.writeHead(200, headers);
  for (let sent = 0; sent < FLOOD_BYTES && !response.destroyed; sent += CHUNK.length)
    if (!response.write(CHUNK)) await drained(response);
  response.end();
}
