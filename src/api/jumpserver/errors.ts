import type { FastifyReply, FastifyRequest } from 'fastify';
import { problemsOf } from '#contract/problems.ts';
import { asTold, retryAfter } from '../http/error-answers.ts';
import { SchemaMismatch } from '../http/validation.ts';
import { DialectRefusal } from './handlers.ts';

const CHALLENGE = 'Signature realm="api",headers="(request-target) date"';

/** Bodies of which nothing could be read. */
const UNREAD: Readonly<Record<string, { readonly status: number; readonly body: object }>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: {
    status: 400,
    body: { detail: 'JSON parse error: the body is not valid JSON.', code: 'parse_error' },
  },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    status: 415,
    body: { detail: 'Unsupported media type in request.', code: 'unsupported_media_type' },
  },
};

/** Every failure in the shape that JumpServer gives it. A defect is logged and not shown. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const say = (status: number, body: object): FastifyReply =>
    reply.code(status).type('application/json').serializer(JSON.stringify).send(body);
  if (error instanceof DialectRefusal) return say(400, error.body);
  if (error instanceof SchemaMismatch && error.validationContext !== 'params')
    return say(400, fieldsOf(problemsOf(error.mismatch)));
  const unread = UNREAD[error instanceof Error && 'code' in error ? String(error.code) : ''];
  if (unread !== undefined) return say(unread.status, unread.body);
  const told = asTold(error);
  if (told.code === 'E_INTERNAL')
    request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed by a defect');
  switch (told.code) {
    case 'E_UNAUTHENTICATED':
      reply.header('www-authenticate', CHALLENGE);
      return say(401, refusedCredential(request));
    case 'E_FORBIDDEN':
      return say(403, {
        detail: 'You do not have permission to perform this action.',
        code: 'permission_denied',
      });
    case 'E_NOT_FOUND':
      return say(404, { detail: 'The object does not exist.', code: 'object_does_not_exist' });
    case 'E_INPUT':
      return say(400, told.problems.length === 0 ? { error: told.message } : fieldsOf(told.problems));
    case 'E_RATE_LIMITED':
      reply.header('retry-after', String(retryAfter(told) ?? 1));
      return say(429, { detail: told.message, code: 'throttled' });
    default:
      return say(told.status, { detail: told.message, code: told.code });
  }
}

/** A token that nobody knows is told apart from none at all, as long as it came as one that does not expire. */
function refusedCredential(request: FastifyRequest): { readonly detail: string; readonly code: string } {
  return /^Token /i.test(request.headers.authorization ?? '')
    ? { detail: 'Invalid token.', code: 'authentication_failed' }
    : { detail: 'Authentication credentials were not provided.', code: 'not_authenticated' };
}

/** By field of the body; what is wrong deeper inside says where. */
function fieldsOf(
  problems: readonly { readonly path: string; readonly message: string }[],
): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const { path, message } of problems) {
    const [field = ''] = /^[^.[]*/.exec(path) ?? [];
    const deeper = path.slice(field.length).replace(/^\./, '');
    (fields[field === '' ? 'non_field_errors' : field] ??= []).push(
      deeper === '' ? message : `${deeper}: ${message}`,
    );
  }
  return fields;
}
