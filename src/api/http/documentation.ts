import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from '#contract/routes/openapi.ts';

/** The interactive page runs its own scripts and sets styles from them; everything else stays forbidden. */
const UI_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `/openapi.json` and, to read and try it, `/docs`. Both say only what the source says, so they are for anybody. */
export async function addDocumentation(app: FastifyInstance, version: string): Promise<void> {
  const document = openApiDocument(version);
  await app.register(swagger, {
    mode: 'static',
    specification: { document: document as never },
  });
  app.get('/openapi.json', async (_request, reply) =>
    reply.type('application/json').serializer(JSON.stringify).send(document),
  );
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: UI_POLICY, validatorUrl: false });
}
