import { Agent as PlainAgent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { printable } from '#lib/printable.ts';
import type { Clock } from '#lib/time.ts';
import { ConnectorError, type ConnectorFailure } from '../connector-error.ts';
import { authorize, type Credential } from './credential.ts';
import { exchange, type ExchangeAnswer, type ExchangeLimits, type PeerTls } from './exchange.ts';

export interface ClientOptions {
  /** `https://host[:port][/prefix]`, without a slash at the end. */
  readonly url: string;
  /** PEM of the certificate authority; null for those of the system. */
  readonly ca: string | null;
  readonly acceptsAnyCertificate: boolean;
  readonly credential: Credential;
  readonly limits: ExchangeLimits;
  readonly clock: Clock;
  /** Between 0 and 1: spreads retries. */
  readonly random: () => number;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Below `/api/v1/`, with its slash at the end. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly organisation: string;
  readonly signal: AbortSignal;
  /**
   * True when doing it twice is as doing it once and looking is all it does: it is then tried again whatever
   * went wrong. Others are tried again only when they were certainly not carried out.
   */
  readonly isLook: boolean;
}

export interface ApiAnswer {
  /** Parsed; undefined when the body is empty. */
  readonly body: unknown;
  readonly tls: PeerTls | null;
  /** The server's clock, epoch milliseconds, to the second; null when it does not tell. */
  readonly serverTimeMs: number | null;
}

const TRIES = 4;
const FIRST_PAUSE_MS = 200;
/** A server that asks for more is tried again by whoever planned the action. */
const LONGEST_WAIT_MS = 10_000;
const CONNECTIONS = 8;

const RETRIED_LOOKS: ReadonlySet<ConnectorFailure> = new Set([
  'unreachable',
  'timeout',
  'broken',
  'server',
  'protocol',
]);

/** Calls the API of one server: signs, waits, tries again, and never asks anybody else. */
export class ApiClient {
  readonly #options: ClientOptions;
  readonly #agent: PlainAgent | TlsAgent;

  constructor(options: ClientOptions) {
    this.#options = options;
    const pool = { keepAlive: true, maxSockets: CONNECTIONS };
    this.#agent = options.url.startsWith('https:')
      ? new TlsAgent({
          ...pool,
          minVersion: 'TLSv1.2',
          rejectUnauthorized: !options.acceptsAnyCertificate,
          ...(options.ca === null ? {} : { ca: options.ca }),
        })
      : new PlainAgent(pool);
  }

  /** Throws ConnectorError. */
  async call(asked: ApiCall): Promise<ApiAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(asked);
      } catch (error) {
        if (!(error instanceof ConnectorError) || attempt >= TRIES || asked.signal.aborted) throw error;
        const pauseMs = this.#pauseAfter(error, asked, attempt);
        if (pauseMs === null) throw error;
        await delay(pauseMs, undefined, { signal: asked.signal }).catch(() => {
          throw error;
        });
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Null when it is not to be tried again. */
  #pauseAfter(error: ConnectorError, asked: ApiCall, attempt: number): number | null {
    const jitteredMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + this.#options.random() / 2);
    if (error.failure === 'throttled') {
      const pauseMs = Math.max(error.retryAfterMs ?? 0, jitteredMs);
      return pauseMs <= LONGEST_WAIT_MS ? pauseMs : null;
    }
    const isSafe = asked.isLook
      ? RETRIED_LOOKS.has(error.failure)
      : error.failure === 'unreachable' && !error.mayHaveActed;
    return isSafe ? jitteredMs : null;
  }

  async #once(asked: ApiCall): Promise<ApiAnswer> {
    const { url: base, credential, limits, clock } = this.#options;
    const url = new URL(`${base}/api/v1/${asked.path}`);
    for (const [key, value] of Object.entries(asked.query ?? {})) url.searchParams.set(key, value);
    const answer = await exchange({
      method: asked.method,
      url,
      headers: {
        ...authorize(credential, {
          method: asked.method,
          target: url.pathname + url.search,
          nowMs: clock(),
        }),
        'X-JMS-ORG': asked.organisation,
      },
      body: asked.body === undefined ? null : JSON.stringify(asked.body),
      limits,
      signal: asked.signal,
      agent: this.#agent,
    });
    const what = `${asked.method} ${url.pathname}`;
    if (answer.status < 200 || answer.status > 299) throw refusal(answer, what, url);
    return {
      body: parse(answer, what, !asked.isLook),
      tls: answer.tls,
      serverTimeMs: timeOf(answer.headers['date']),
    };
  }
}

function parse({ text, headers }: ExchangeAnswer, what: string, mayHaveActed: boolean): unknown {
  if (text.trim() === '') return undefined;
  const type = String(headers['content-type'] ?? '');
  try {
    if (!/^application\/json\b/i.test(type)) throw new Error(`it is ${type === '' ? 'of no type' : type}`);
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const why = printable(cause instanceof Error ? cause.message : String(cause), 200);
    throw new ConnectorError('protocol', `${what} was not answered in JSON: ${why}`, { mayHaveActed, cause });
  }
}

/** What a refusal means (the body's own words are shown to people, made safe). */
function refusal(answer: ExchangeAnswer, what: string, url: URL): ConnectorError {
  const { status } = answer;
  const said = wordsOf(answer.text);
  const message = `${what} was answered with ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 300 && status < 400)
    return new ConnectorError(
      'protocol',
      `${what} was redirected to ${printable(String(answer.headers['location'] ?? 'nowhere'), 200)}; set the url to where ${url.host} really answers`,
    );
  if (status === 401) return new ConnectorError('unauthenticated', message);
  if (status === 403) return new ConnectorError('forbidden', message);
  if (status === 404) return new ConnectorError('not-found', message);
  if (status === 429)
    return new ConnectorError('throttled', message, {
      retryAfterMs: retryAfter(answer.headers['retry-after']),
    });
  if (status >= 500) return new ConnectorError('server', message, { mayHaveActed: true });
  return new ConnectorError('refused', message);
}

function wordsOf(text: string): string {
  try {
    const body = JSON.parse(text) as unknown;
    if (typeof body === 'object' && body !== null && 'detail' in body && typeof body.detail === 'string')
      return printable(body.detail, 200);
  } catch {
    // A page for people says nothing to us.
    return '';
  }
  return printable(text, 200);
}

/** Seconds or a date (RFC 9110 section 10.2.3); a day at most. */
function retryAfter(header: string | readonly string[] | undefined): number | null {
  const text = String(header ?? '');
  if (/^\d{1,6}$/.test(text)) return Math.min(Number(text), 86_400) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - Date.now()), 86_400_000);
}

function timeOf(header: string | readonly string[] | undefined): number | null {
  const at = Date.parse(String(header ?? ''));
  return Number.isNaN(at) ? null : at;
}
