import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { PortcullisError } from '#contract/errors.ts';
import type { Role } from '#contract/resources/user.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Caller } from '../access/caller.ts';

/** A request after authentication, authorisation and validation. */
export interface Call<R extends Route> {
  readonly params: z.output<R['params']>;
  readonly query: z.output<R['query']>;
  readonly body: z.output<R['body']>;
  readonly caller: Caller;
  /** Aborts when the client has gone away. */
  readonly signal: AbortSignal;
}

/** Content that is passed on as it is, for routes that declare a `stream`. */
export interface Streamed {
  readonly stream: Readable;
  readonly fileName: string;
}

export type Handler<R extends Route> = (call: Call<R>) => Promise<z.output<R['response']> | Streamed>;

/** One handler for each route of a group; a missing one does not compile. */
export type Handlers<T extends Readonly<Record<string, Route>>> = {
  readonly [K in keyof T]: Handler<T[K]>;
};

export interface RouteAccess {
  /** Finds out who calls. Throws when nobody who may. */
  identify(request: FastifyRequest): Promise<Caller>;
  /** Notes that somebody who is known tried what their roles do not include. */
  noteForbidden(caller: Caller, operation: string): Promise<void>;
}

/** Makes server routes of contract routes. Who may call is checked before a single byte of the body is read. */
export function registerRoutes<T extends Readonly<Record<string, Route>>>(
  app: FastifyInstance,
  routes: T,
  handlers: Handlers<T>,
  access: RouteAccess,
): void {
  for (const [id, route] of Object.entries(routes)) {
    const handler = handlers[id] as Handler<Route>;
    const callers = new WeakMap<FastifyRequest, Caller>();
    app.route({
      method: route.method,
      url: route.path,
      bodyLimit: route.maxBodyBytes,
      schema: {
        params: route.params,
        querystring: route.query,
        ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body: route.body }),
        ...(route.stream === null && route.status !== 204
          ? { response: { [route.status]: route.response } }
          : {}),
      },
      onRequest: async (request) => {
        if (route.callers !== 'anybody')
          callers.set(request, await authorise(access, request, id, route.callers));
      },
      // A body may be left out where every field of it may.
      preValidation: async (request) => {
        request.body ??= {};
      },
      handler: async (request, reply) => {
        const answer = await handler({
          params: request.params,
          query: request.query,
          body: request.body,
          caller: callers.get(request) ?? ANONYMOUS,
          signal: abortedBy(reply),
        });
        return sendAnswer(reply, route, answer);
      },
    });
  }
}

/** Who calls, when one of their roles suffices. Throws E_FORBIDDEN, and what `identify` throws. */
export async function authorise(
  access: RouteAccess,
  request: FastifyRequest,
  operation: string,
  roles: readonly Role[],
): Promise<Caller> {
  const caller = await access.identify(request);
  if (caller.roles.some((role) => roles.includes(role))) return caller;
  await access.noteForbidden(caller, operation);
  throw new PortcullisError(
    'E_FORBIDDEN',
    `This needs one of the roles ${roles.join(', ')}. Ask an administrator.`,
  );
}

const ANONYMOUS: Caller = {
  name: 'anonymous',
  userId: null,
  roles: [],
  address: '',
  credentialExpiresAt: null,
};

/** Aborts when the client goes away before the answer was sent. */
export function abortedBy(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}

function isStreamed(answer: unknown): answer is Streamed {
  return typeof answer === 'object' && answer !== null && 'stream' in answer && 'fileName' in answer;
}

function sendAnswer(reply: FastifyReply, route: Route, answer: unknown): FastifyReply {
  if (route.stream === null) return reply.code(route.status).send(answer);
  if (!isStreamed(answer)) throw new Error(`the handler of ${route.path} gave no stream`);
  // The name is made of ids only; whatever it is, it must not break out of the header.
  const fileName = answer.fileName.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  answer.stream.once('error', (error) => {
    reply.log.error({ err: error, route: route.path }, 'an answer broke off');
  });
  return reply
    .code(route.status)
    .type(route.stream)
    .header('content-disposition', `attachment; filename="${fileName}"`)
    .send(answer.stream);
}
