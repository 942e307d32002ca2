import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode, PortcullisError } from '#contract/errors.ts';
import { ErrorAnswer } from '#contract/routes/openapi.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Transport } from './transport.ts';

export interface CallInput<R extends Route> {
  readonly params?: z.input<R['params']>;
  readonly query?: z.input<R['query']>;
  readonly body?: z.input<R['body']>;
}

/** A JSON answer is read whole before it is understood, so there is an end to it. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

/** Calls the operations of the contract; answers are checked against it, so a wrong server is noticed. */
export class ApiClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async call<R extends Route>(route: R, input: CallInput<R> = {}): Promise<z.output<R['response']>> {
    const answer = await this.#send(route, input);
    const text = await readAll(answer);
    if (route.status === 204) return undefined as z.output<R['response']>;
    const parsed = route.response.safeParse(parseJson(text));
    if (!parsed.success)
      throw new PortcullisError(
        'E_SERVER_UNREACHABLE',
        'What answers there is no Portcullis of this version. Check --server, and that both are of one version.',
      );
    return parsed.data as z.output<R['response']>;
  }

  /** The content of a route that streams. */
  stream<R extends Route>(route: R, input: CallInput<R> = {}): Promise<IncomingMessage> {
    return this.#send(route, input);
  }

  async #send<R extends Route>(route: R, { params, query, body }: CallInput<R>): Promise<IncomingMessage> {
    const answer = await this.#transport({
      method: route.method,
      path: fillPath(route.path, params as Readonly<Record<string, string>> | undefined) + queryText(query),
      body: route.method === 'GET' || route.method === 'DELETE' ? undefined : (body ?? {}),
    });
    if (answer.statusCode === route.status) return answer;
    throw errorOf(answer.statusCode ?? 0, await readAll(answer));
  }
}

function fillPath(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
}

function queryText(query: unknown): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined) pairs.set(name, String(value));
  return pairs.size === 0 ? '' : `?${pairs.toString()}`;
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES)
      throw new PortcullisError('E_TOO_LARGE', 'The answer is larger than 256 MiB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(status: number, text: string): PortcullisError {
  const parsed = ErrorAnswer.safeParse(parseJson(text));
  if (!parsed.success)
    return new PortcullisError(
      'E_SERVER_UNREACHABLE',
      `Something answered with status ${status}, but not as Portcullis does. Check --server.`,
    );
  const { code, message, problems, requestId } = parsed.data.error;
  const known = Object.hasOwn(ERROR_CATALOGUE, code) ? (code as ErrorCode) : 'E_INTERNAL';
  const told = known === 'E_INTERNAL' ? `${message} Request ${requestId}.` : message;
  return new PortcullisError(known, told, { problems });
}
