import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { z } from 'zod';
import { isPortcullisError, PortcullisError } from '#contract/errors.ts';
import { DIALECT_ACCESS_KEY_ROUTES } from '#contract/jumpserver/access-key-routes.ts';
import { DIALECT_AUDIT_ROUTES } from '#contract/jumpserver/audit-routes.ts';
import { dateText } from '#contract/jumpserver/dates.ts';
import type { Manner } from '#contract/jumpserver/manner.ts';
import {
  MOST_ON_PAGE,
  MOST_WITHOUT_PAGE,
  neighbours,
  pageOf,
  PageQuery,
} from '#contract/jumpserver/paging.ts';
import { DIALECT_ROUTES } from '#contract/jumpserver/routes.ts';
import { DIALECT_SESSION_ROUTES } from '#contract/jumpserver/session-routes.ts';
import { DIALECT_USER_ROUTES } from '#contract/jumpserver/user-routes.ts';
import type { Route } from '#contract/routes/route.ts';
import type { Caller } from '../access/caller.ts';
import { abortedBy, authorise, type RouteAccess } from '../http/register-routes.ts';
import type { Services } from '../services.ts';
import { accessKeyHandlers } from './access-key-handlers.ts';
import { auditHandlers } from './audit-handlers.ts';
import { answerError } from './errors.ts';
import type { DialectCall, DialectHandlers, Listing } from './handlers.ts';
import { addOtherMethods } from './other-methods.ts';
import { sessionHandlers } from './session-handlers.ts';
import { registerSignIn } from './sign-in.ts';
import { PREFIX, urlsOf } from './urls.ts';
import { userHandlers } from './user-handlers.ts';

export interface DialectOptions {
  readonly services: Services;
  readonly access: RouteAccess;
  /** The version of JumpServer whose shapes are spoken. */
  readonly version: Manner['version'];
  readonly isHttps: boolean;
}

/**
 * Whoever is slowed down for bad credentials reads what JumpServer answers to one: its clients sign in again on a 401,
 * and know a 429 only of thousands of requests a minute.
 */
function unthrottled(access: RouteAccess): RouteAccess {
  return {
    identify: (request) =>
      access.identify(request).catch((error: unknown) => {
        throw isPortcullisError(error) && error.code === 'E_RATE_LIMITED'
          ? new PortcullisError('E_UNAUTHENTICATED', error.message)
          : error;
      }),
    noteForbidden: (caller, operation) => access.noteForbidden(caller, operation),
  };
}

/** Everything under `/api/v1/`, with errors, pages and dates as JumpServer has them. */
export async function registerDialect(app: FastifyInstance, given: DialectOptions): Promise<void> {
  const options = { ...given, access: unthrottled(given.access) };
  const { services } = options;
  const dialect = async (scope: FastifyInstance): Promise<void> => {
    // The documented examples sign in with a form. Forms that other sites send carry no credential: cookies are none.
    await scope.register(formbody, { bodyLimit: BODY_LIMIT_BYTES });
    scope.setErrorHandler((error, request, reply) => answerError(error, request, reply));
    scope.setNotFoundHandler(async (_request, reply) =>
      reply.code(404).send({ detail: 'Not found.', code: 'not_found' }),
    );
    registerSignIn(scope, {
      services,
      manner: { version: options.version, date: dateText },
      isHttps: options.isHttps,
    });
    register(scope, DIALECT_ACCESS_KEY_ROUTES, accessKeyHandlers(services), options);
    register(scope, DIALECT_USER_ROUTES, userHandlers(services), options);
    register(scope, DIALECT_SESSION_ROUTES, sessionHandlers(services), options);
    register(scope, DIALECT_AUDIT_ROUTES, auditHandlers(services), options);
    addOtherMethods(scope, Object.values<Route>(DIALECT_ROUTES), options.access);
  };
  await app.register(dialect, { prefix: PREFIX });
}

const BODY_LIMIT_BYTES = 1024 * 1024;

function register<T extends Readonly<Record<string, Route>>>(
  scope: FastifyInstance,
  routes: T,
  handlers: DialectHandlers<T>,
  { access, version }: DialectOptions,
): void {
  const manner: Manner = { version, date: dateText };
  for (const [id, route] of Object.entries(routes)) {
    const handler = handlers[id] as (call: DialectCall<Route>) => Promise<unknown>;
    const callers = new WeakMap<FastifyRequest, Caller>();
    const item = route.response instanceof z.ZodArray ? (route.response.element as z.ZodType) : undefined;
    const options: RouteOptions = {
      method: route.method,
      url: '',
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        params: route.params,
        // What JumpServer does not know in a query it passes over: programs send more than they need.
        querystring: passingOver(route.query),
        ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body: route.body }),
        ...(route.status === 204
          ? {}
          : {
              response: {
                [route.status]: item === undefined ? route.response : z.union([z.array(item), pageOf(item)]),
              },
            }),
      },
      // Header tokens only: some of these GETs change something, and cookies are sent by any page that asks.
      onRequest: async (request) => {
        const roles = route.callers === 'anybody' ? [] : route.callers;
        callers.set(request, await authorise(access, request, `jumpserver.${id}`, roles));
      },
      preValidation: async (request) => {
        request.body ??= {};
      },
      handler: async (request, reply) => {
        const caller = callers.get(request);
        if (caller === undefined) throw new Error(`nobody was identified for ${route.path}`);
        const answer = await handler({
          params: request.params,
          query: request.query,
          body: request.body,
          caller,
          manner,
          signal: abortedBy(reply),
        });
        return reply
          .code(route.status)
          .send(item === undefined ? answer : await shown(asListing(answer), request, version));
      },
    };
    for (const url of urlsOf(route.path)) scope.route({ ...options, url });
  }
}

function passingOver(query: z.ZodType): z.ZodType {
  return query instanceof z.ZodObject ? z.object(query.shape) : query;
}

function asListing(answer: unknown): Listing<unknown> {
  if (!Array.isArray(answer)) return answer as Listing<unknown>;
  return {
    count: answer.length,
    part: async (offset, limit) => answer.slice(offset, offset + limit),
  };
}

/** The whole list as an array, or with `limit` one page of it. */
async function shown(
  listing: Listing<unknown>,
  request: FastifyRequest,
  version: Manner['version'],
): Promise<unknown> {
  const url = new URL(request.originalUrl, `${request.protocol}://${request.host}`);
  const asked = PageQuery.safeParse(Object.fromEntries(url.searchParams));
  if (!asked.success || asked.data.limit === undefined) return listing.part(0, MOST_WITHOUT_PAGE[version]);
  const { offset } = asked.data;
  const limit = Math.min(asked.data.limit, MOST_ON_PAGE[version]);
  return {
    count: listing.count,
    ...neighbours(url, { offset, limit, count: listing.count }),
    results: await listing.part(offset, limit),
  };
}
