import { z } from 'zod';
import { ERROR_CATALOGUE } from '../errors.ts';
import { type Route, takesBody } from './route.ts';
import { ROUTES } from './routes.ts';

export type Json = Readonly<Record<string, unknown>>;

/** The shape of every answer that is not a success. */
export const ErrorAnswer = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    /** Single problems, each with its path, when there are several. */
    problems: z.array(z.object({ path: z.string(), message: z.string() })),
    /** Under which the log has the details. */
    requestId: z.string(),
  }),
});
export type ErrorAnswer = z.infer<typeof ErrorAnswer>;

const ERROR_CODES_BY_STATUS = Map.groupBy(Object.entries(ERROR_CATALOGUE), ([, entry]) => entry.status);

/** The OpenAPI 3.1 document of the whole API. Pure: the same routes always give the same text. */
export function openApiDocument(version: string): Json {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Portcullis',
      version,
      description:
        'Privileged access, detection and containment. Somebody else’s object answers like one that does not exist.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: '`portcullis token create`' },
      },
      schemas: { Error: schemaOf(ErrorAnswer, 'output') },
      responses: Object.fromEntries(
        [...ERROR_CODES_BY_STATUS].map(([status, entries]) => [
          `Error${status}`,
          {
            description: entries.map(([code]) => code).join(', '),
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
          },
        ]),
      ),
    },
    paths: pathsOf(ROUTES, (route) => ({ [route.status]: success(route), ...failures(route) })),
  };
}

/** Each route as an operation; `answersOf` gives what it answers, by status. */
export function pathsOf<T extends Route>(
  routes: Readonly<Record<string, T>>,
  answersOf: (route: T) => Readonly<Record<string, Json>>,
): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [id, route] of Object.entries(routes)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: { ...operation(id, route), responses: answersOf(route) },
    };
  }
  return paths;
}

function operation(id: string, route: Route): Json {
  const body = takesBody(route)
    ? {
        requestBody: {
          required: !route.body.safeParse({}).success,
          content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
        },
      }
    : {};
  return {
    operationId: id,
    summary: route.summary,
    description: route.callers === 'anybody' ? 'For anybody.' : `For the roles ${route.callers.join(', ')}.`,
    tags: [route.tag],
    ...(route.callers === 'anybody' ? { security: [] } : {}),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...body,
  };
}

function success(route: Route): Json {
  if (route.status === 204) return { description: 'Done.' };
  if (route.stream !== null)
    return {
      description: 'The content.',
      content: { [route.stream]: { schema: { type: 'string', format: 'binary' } } },
    };
  return {
    description: 'Done.',
    content: { 'application/json': { schema: schemaOf(route.response, 'output') } },
  };
}

function failures(route: Route): Json {
  const statuses = [500, 503];
  if (route.callers !== 'anybody') statuses.push(401, 403, 429);
  if (route.path.includes(':')) statuses.push(404);
  if (takesBody(route) || parameters(route.query, 'query').length > 0) statuses.push(400);
  if (takesBody(route)) statuses.push(409, 413);
  return Object.fromEntries(
    statuses
      .sort((a, b) => a - b)
      .map((status) => [status, { $ref: `#/components/responses/Error${status}` }]),
  );
}

/** The fields of a params or query schema, one parameter each. */
export function parameters(schema: z.ZodType, place: 'path' | 'query'): readonly Json[] {
  const object = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(object.properties ?? {}).map(([name, field]) => ({
    name,
    in: place,
    required: object.required?.includes(name) ?? false,
    schema: field,
  }));
}

export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
