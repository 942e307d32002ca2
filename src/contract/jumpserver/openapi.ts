import { z } from 'zod';
import { type Json, pathsOf, schemaOf } from '../routes/openapi.ts';
import { type Route, takesBody } from '../routes/route.ts';
import type { Manner } from './manner.ts';
import { pageOf, PageQuery } from './paging.ts';
import { BadRequest, Failure, hasOtherAnswers } from './refusals.ts';
import { DIALECT_ROUTES } from './routes.ts';

const FAILURES = {
  400: ['Something in the request is wrong.', BadRequest],
  401: ['No credential, or none that counts.', Failure],
  403: ['The role of this user does not include the call.', Failure],
  404: ['There is no such object.', Failure],
  405: ['The path is known, with other methods.', Failure],
} as const;

/** The OpenAPI 3.1 document of the dialect, apart from that of the native API. Pure. */
export function dialectDocument(version: string, shapes: Manner['version']): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portcullis, in the dialect of JumpServer',
      version,
      description: `Calls that automation written for JumpServer makes, with the shapes of its version ${shapes}.`,
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { bearer: [] }, { signature: [] }],
    components: {
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`Token `, then what `portcullis token create` prints.',
        },
        bearer: { type: 'http', scheme: 'bearer', description: 'What a sign-in gives, or a token.' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description:
            '`Signature keyId="ID",algorithm="hmac-sha256",headers="(request-target) date",signature="…"` with `Date`. ' +
            'Each request has its own, so this page cannot send it.',
        },
      },
      responses: Object.fromEntries(
        Object.entries(FAILURES).map(([status, [description, schema]]) => [
          `Error${status}`,
          { description, content: json(schema) },
        ]),
      ),
    },
    paths: pathsOf<Route>(Object.fromEntries(Object.entries(DIALECT_ROUTES).map(paged)), answersOf),
  };
}

/** A list takes `limit` and `offset` besides its filters. */
function paged([id, route]: readonly [string, Route]): [string, Route] {
  const isList = route.response instanceof z.ZodArray && route.query instanceof z.ZodObject;
  return [id, isList ? { ...route, query: route.query.extend(PageQuery.shape) } : route];
}

function answersOf(route: Route): Readonly<Record<string, Json>> {
  const others = hasOtherAnswers(route) ? Object.entries(route.otherAnswers) : [];
  return {
    ...Object.fromEntries(
      failuresOf(route).map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
    ),
    ...Object.fromEntries(
      others.map(([status, schema]) => [status, { description: 'Not yet, or no.', content: json(schema) }]),
    ),
    [route.status]: route.status === 204 ? { description: 'Done.' } : success(route),
  };
}

function success({ response }: Route): Json {
  if (!(response instanceof z.ZodArray)) return { description: 'Done.', content: json(response) };
  const item = response.element as z.ZodType;
  return {
    description: 'The list; with `limit` a page of it.',
    content: json(z.union([response, pageOf(item)])),
  };
}

function failuresOf(route: Route): readonly (keyof typeof FAILURES)[] {
  if (route.callers === 'anybody') return [400, 405];
  return [
    ...(takesBody(route) || route.method === 'GET' ? [400 as const] : []),
    401,
    403,
    ...(route.path.includes(':') ? [404 as const] : []),
    405,
  ];
}

function json(schema: z.ZodType): Json {
  return { 'application/json': { schema: schemaOf(schema, 'output') } };
}
