import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ERROR_CATALOGUE, type ErrorCode, isPortcullisError, PortcullisError } from '#contract/errors.ts';
import { problemsOf } from '#contract/problems.ts';
import type { ErrorAnswer } from '#contract/routes/openapi.ts';
import { QueueFullError } from '#lib/work-queue.ts';
import { SchemaMismatch } from './validation.ts';

/** One text for everything that is missing, and for everything one may not know of. */
export function notFound(): PortcullisError {
  return new PortcullisError('E_NOT_FOUND', ERROR_CATALOGUE.E_NOT_FOUND.help);
}

/** Makes every failure one shape. What is not meant for people is a defect: it is logged and not shown. */
export function addErrorAnswers(app: FastifyInstance): void {
  app.setErrorHandler(async (error: unknown, request, reply) => {
    const told = asTold(error);
    if (told.code === 'E_INTERNAL')
      request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed by a defect');
    return answer(reply, request, told);
  });
  app.setNotFoundHandler(async (request, reply) => answer(reply, request, notFound()));
}

function answer(reply: FastifyReply, request: FastifyRequest, error: PortcullisError): FastifyReply {
  const body: ErrorAnswer = {
    error: {
      code: error.code,
      message: error.message,
      problems: error.problems.map(({ path, message }) => ({ path, message })),
      requestId: request.id,
    },
  };
  if (error.code === 'E_UNAUTHENTICATED') reply.header('www-authenticate', 'Bearer realm="portcullis"');
  const wait = retryAfter(error);
  if (wait !== undefined) reply.header('retry-after', String(wait));
  return reply.code(error.status).type('application/json').serializer(JSON.stringify).send(body);
}

/** Seconds that whoever was slowed down has to wait. */
export function retryAfter(error: PortcullisError): number | undefined {
  const parsed = z.object({ retryAfterSeconds: z.number() }).safeParse(error.cause);
  return parsed.success ? parsed.data.retryAfterSeconds : undefined;
}

const FASTIFY_CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['E_TOO_LARGE', 'The request is larger than its limit.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['E_INPUT', 'The body must be application/json.'],
  FST_ERR_CTP_INVALID_JSON_BODY: ['E_INPUT', 'The body is not valid JSON.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['E_INPUT', 'The body is not as long as it says.'],
};

/** What people and programs are told of a failure; a defect is only called one. */
export function asTold(error: unknown): PortcullisError {
  if (isPortcullisError(error)) return restored(error);
  if (error instanceof QueueFullError)
    return new PortcullisError('E_UNAVAILABLE', 'The server is busy. Try again in a moment.');
  if (error instanceof SchemaMismatch) return validationError(error);
  const code = error instanceof Error && 'code' in error ? (error as FastifyError).code : '';
  const known = FASTIFY_CODES[code];
  if (known !== undefined) return new PortcullisError(known[0], known[1]);
  return new PortcullisError('E_INTERNAL', ERROR_CATALOGUE.E_INTERNAL.help);
}

/** An error that crossed a thread has lost its class, and with it the getters of status and exit code. */
function restored(error: PortcullisError): PortcullisError {
  return error instanceof PortcullisError
    ? error
    : new PortcullisError((error as PortcullisError).code, (error as Error).message, { cause: error });
}

/** A parameter of a path that is no name or id cannot exist; other parts are told in detail. */
function validationError({ mismatch, validationContext }: SchemaMismatch): PortcullisError {
  if (validationContext === 'params') return notFound();
  return new PortcullisError('E_INPUT', 'The input does not fit the schema.', {
    problems: problemsOf(mismatch),
  });
}
