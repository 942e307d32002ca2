import { z } from 'zod';
import type { Role } from '../resources/user.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Who may call: a list of roles, of which one suffices, or anybody, also without a credential. */
export type Callers = readonly Role[] | 'anybody';

/**
 * One operation of the API as data. Server routes, the OpenAPI document, the command line's client and the
 * reference page are made from it; nothing about an operation is written down a second time.
 */
export interface Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> {
  readonly method: Method;
  /** Parameters as `:name`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly callers: Callers;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly response: R;
  readonly status: 200 | 201 | 204;
  /** The media type of an answer that is streamed as it is, instead of JSON by the response schema. */
  readonly stream: string | null;
  /** A longer body is refused before it is understood. */
  readonly maxBodyBytes: number;
}

const BODY_LIMIT_BYTES = 1024 * 1024;

const NO_FIELDS = z.strictObject({});
/** A body that is not read: absent, or an empty object from clients that always send one. */
const NO_BODY = z.union([z.undefined(), z.null(), z.strictObject({})]);
const NO_CONTENT = z.undefined();

type NoFields = typeof NO_FIELDS;
type NoBody = typeof NO_BODY;
type NoContent = typeof NO_CONTENT;

export function defineRoute<
  P extends z.ZodType = NoFields,
  Q extends z.ZodType = NoFields,
  B extends z.ZodType = NoBody,
  R extends z.ZodType = NoContent,
>(definition: {
  readonly method: Method;
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly callers: Callers;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly response?: R;
  readonly status?: 200 | 201;
  readonly stream?: string;
  readonly maxBodyBytes?: number;
}): Route<P, Q, B, R> {
  const { method, path, tag, summary, callers } = definition;
  return {
    method,
    path,
    tag,
    summary,
    callers,
    params: definition.params ?? (NO_FIELDS as unknown as P),
    query: definition.query ?? (NO_FIELDS as unknown as Q),
    body: definition.body ?? (NO_BODY as unknown as B),
    response: definition.response ?? (NO_CONTENT as unknown as R),
    status:
      definition.status ?? (definition.response === undefined && definition.stream === undefined ? 204 : 200),
    stream: definition.stream ?? null,
    maxBodyBytes: definition.maxBodyBytes ?? BODY_LIMIT_BYTES,
  };
}

export function takesBody(route: Route): boolean {
  return route.body !== NO_BODY;
}

/** Lists are objects, so that fields can be added without breaking anybody. */
export function listOf<T extends z.ZodType>(item: T): z.ZodObject<{ items: z.ZodArray<T> }> {
  return z.object({ items: z.array(item) });
}

/** How many entries a list gives at most, newest first. */
export const Limit = z.coerce.number().int().min(1).max(1000).default(100);

/** A moment: epoch milliseconds, or ISO 8601 with a time zone. */
export const Moment = z.union([
  z
    .string()
    .regex(/^\d{1,14}$/)
    .transform(Number),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);

export const EVERYBODY: readonly Role[] = ['admin', 'responder', 'auditor', 'user'];
export const READERS: readonly Role[] = ['admin', 'responder', 'auditor'];
export const RESPONDERS: readonly Role[] = ['admin', 'responder'];
export const ADMINS: readonly Role[] = ['admin'];
