import { z } from 'zod';
import { defineRoute, EVERYBODY } from '../routes/route.ts';
import { CreatedAccessKey, JumpServerAccessKey, NewAccessKey } from './access-key.ts';

const tag = 'authentication';
const params = z.object({ id: z.guid() });

export const DIALECT_ACCESS_KEY_ROUTES = {
  listAccessKeys: defineRoute({
    method: 'GET',
    path: '/api/v1/authentication/access-keys/',
    tag,
    summary: 'One’s own access keys, newest first.',
    callers: EVERYBODY,
    response: z.array(JumpServerAccessKey),
  }),
  createAccessKey: defineRoute({
    method: 'POST',
    path: '/api/v1/authentication/access-keys/',
    tag,
    summary: 'Make an access key of one’s own, ten at the most. The secret is shown this once.',
    callers: EVERYBODY,
    body: NewAccessKey,
    response: CreatedAccessKey,
    status: 201,
  }),
  getAccessKey: defineRoute({
    method: 'GET',
    path: '/api/v1/authentication/access-keys/:id/',
    tag,
    summary: 'One of one’s own access keys.',
    callers: EVERYBODY,
    params,
    response: JumpServerAccessKey,
  }),
  deleteAccessKey: defineRoute({
    method: 'DELETE',
    path: '/api/v1/authentication/access-keys/:id/',
    tag,
    summary: 'Delete one of one’s own access keys. It counts no more from the next request on.',
    callers: EVERYBODY,
    params,
  }),
} as const;
