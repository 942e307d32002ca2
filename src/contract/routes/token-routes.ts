import { z } from 'zod';
import { Name } from '../names.ts';
import { CreatedToken, Token, TokenKind } from '../resources/token.ts';
import { EVERYBODY, defineRoute, listOf } from './route.ts';

const tag = 'tokens';

export const TOKEN_ROUTES = {
  listTokens: defineRoute({
    method: 'GET',
    path: '/v1/tokens',
    tag,
    summary:
      'Tokens and access keys that are valid. Administrators see all of them, everybody else their own.',
    callers: EVERYBODY,
    query: z.strictObject({ user: Name.optional() }),
    response: listOf(Token),
  }),
  createToken: defineRoute({
    method: 'POST',
    path: '/v1/tokens',
    tag,
    summary:
      'Create a token or an access key: for oneself, as administrator for anybody. It is shown this once.',
    callers: EVERYBODY,
    body: z.strictObject({
      user: Name,
      kind: TokenKind.default('token'),
      name: z.string().max(128).default(''),
      /** Epoch milliseconds; null for a token without end. */
      expiresAt: z.number().int().nullable().default(null),
    }),
    response: CreatedToken,
    status: 201,
  }),
  revokeToken: defineRoute({
    method: 'DELETE',
    path: '/v1/tokens/:id',
    tag,
    summary: 'Revoke a token: one’s own, as administrator anybody’s.',
    callers: EVERYBODY,
    params: z.strictObject({ id: z.uuid() }),
  }),
} as const;
