import type { FastifyInstance } from 'fastify';

/** For answers that are data: nothing in them may ever run, load or be framed. */
const DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** Puts the same strict headers on every answer, errors included; pages replace the content policy. */
export function addSecurityHeaders(app: FastifyInstance, options: { readonly https: boolean }): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': DATA_POLICY,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
      'x-request-id': request.id,
      ...(options.https ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    });
  });
}
