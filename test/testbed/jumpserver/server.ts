import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Answer, notFound } from './answer.ts';
import { authenticate } from './authentication.ts';
import { ACTS, type Fault, send } from './faults.ts';
import { DEFAULT_ORGANISATION, emptyModel, type Model, ROOT_ORGANISATION } from './model.ts';
import { page } from './paging.ts';
import { answer, type RouteOptions } from './routes.ts';
import type { Version } from './shapes.ts';

export interface StandInOptions {
  readonly version?: Version;
  readonly oldMfaPath?: boolean;
  readonly fuzzyUsernames?: boolean;
  readonly unfilteredSessions?: boolean;
  readonly ignoresLimit?: boolean;
  readonly isEndless?: boolean;
  readonly originOfLinks?: string;
  /** Only the default organisation, whatever is asked for; internal ones are honoured. */
  readonly community?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Added to the clock that its answers tell. */
  readonly clockAheadMs?: number;
}

export interface Call {
  /** `GET users/users/`: without the base path and the query. */
  readonly what: string;
  readonly query: string;
  readonly body: unknown;
  readonly organisation: string | null;
  readonly atMs: number;
}

export interface StandIn extends AsyncDisposable {
  readonly url: string;
  readonly model: Model;
  /** Every call that was authenticated or not, in order. */
  readonly calls: readonly Call[];
  /** The next calls that fit meet these faults, one each, in order. */
  fault(what: string | RegExp, ...faults: readonly Fault[]): void;
  /** How many calls have met a fault. */
  faultsMet(): number;
  /** Done once, before the next call that fits is carried out. */
  before(what: string | RegExp, act: () => void): void;
  /** Resolves when a call that fits was answered. */
  called(what: string | RegExp): Promise<void>;
}

const BODY_LIMIT = 1024 * 1024;
const BASE = '/api/v1/';

const fits = (wanted: string | RegExp, what: string): boolean =>
  typeof wanted === 'string' ? wanted === what : wanted.test(what);

/** Starts a JumpServer of the given version on loopback. */
export async function startJumpServer(options: StandInOptions = {}): Promise<StandIn> {
  const model = emptyModel();
  const calls: Call[] = [];
  const faults: { readonly what: string | RegExp; readonly faults: Fault[] }[] = [];
  const hooks: { readonly what: string | RegExp; readonly act: () => void }[] = [];
  const waiting = new Set<{ readonly what: string | RegExp; readonly resolve: () => void }>();
  const { version = 4, oldMfaPath = false, fuzzyUsernames = false, unfilteredSessions = false } = options;
  const routes: RouteOptions = { version, oldMfaPath, fuzzyUsernames, unfilteredSessions };
  let origin = '';
  let met = 0;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', origin);
    const what = `${request.method ?? ''} ${url.pathname.replace(BASE, '')}`;
    const header = request.headers['x-jms-org'];
    const asked = typeof header === 'string' ? header : null;
    const body = await readBody(request);
    calls.push({ what, query: url.search, body, organisation: asked, atMs: performance.now() });
    const hook = hooks.findIndex((one) => fits(one.what, what));
    if (hook >= 0) hooks.splice(hook, 1)[0]?.act();
    const fault = faults.find((one) => one.faults.length > 0 && fits(one.what, what))?.faults.shift();
    if (fault !== undefined) met += 1;
    const isDone = fault === undefined || ACTS.has(fault.kind);
    const answered = isDone ? respond(request, url, asked, body) : new Answer(200, undefined);
    const date = new Date(Date.now() + (options.clockAheadMs ?? 0)).toUTCString();
    await send(response, fault?.kind === 'twice' ? doubled(answered) : answered, fault, { Date: date });
    for (const one of waiting) if (fits(one.what, what)) one.resolve();
  };

  const respond = (request: IncomingMessage, url: URL, asked: string | null, body: unknown): Answer => {
    if (!url.pathname.startsWith(BASE)) return notFound('Page');
    // A path without its slash is redirected, and the body is lost on the way.
    if (!url.pathname.endsWith('/'))
      return new Answer(301, undefined, { Location: `${url.pathname}/${url.search}` });
    const caller = authenticate(request, model);
    if (caller instanceof Answer) return caller;
    const organisation = chooseOrganisation(asked, model, options.community === true);
    const result = answer({ method: request.method ?? '', url, body, organisation, caller }, model, routes);
    if (result === undefined) return notFound('Page');
    if (result instanceof Answer) return result;
    const paging = {
      version,
      origin,
      originOfLinks: options.originOfLinks ?? null,
      ignoresLimit: options.ignoresLimit === true,
      isEndless: options.isEndless === true,
    };
    return new Answer(200, page(result.list, url, paging));
  };

  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  origin = options.tls === undefined ? `http://127.0.0.1:${port}` : `https://localhost:${port}`;

  return {
    url: origin,
    model,
    calls,
    fault: (what, ...added) => void faults.push({ what, faults: [...added] }),
    faultsMet: () => met,
    before: (what, act) => void hooks.push({ what, act }),
    called: (what) =>
      new Promise((resolve) => {
        const one = {
          what,
          resolve: () => {
            waiting.delete(one);
            resolve();
          },
        };
        waiting.add(one);
      }),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** An organisation that does not exist is the default one; so is every other in the community edition. */
function chooseOrganisation(asked: string | null, model: Model, community: boolean): string {
  if (asked === null) return DEFAULT_ORGANISATION;
  if (asked === ROOT_ORGANISATION || asked.toLowerCase() === 'root') return ROOT_ORGANISATION;
  const known = model.organisations.some(({ id }) => id === asked);
  return known && !community ? asked : DEFAULT_ORGANISATION;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > BODY_LIMIT) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  if (text === '') return undefined;
  if (request.headers['content-type']?.startsWith('application/json') !== true)
    throw new Error('a body must be JSON');
  return JSON.parse(text) as unknown;
}

function doubled(answered: Answer): Answer {
  const { body } = answered;
  const twice = (items: readonly unknown[]): readonly unknown[] => items.flatMap((item) => [item, item]);
  if (Array.isArray(body)) return new Answer(answered.status, twice(body as readonly unknown[]));
  if (typeof body === 'object' && body !== null && 'results' in body && Array.isArray(body.results))
    return new Answer(answered.status, { ...body, results: twice(body.results as readonly unknown[]) });
  return answered;
}
