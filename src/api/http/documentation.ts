import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import type { Json } from '#contract/routes/openapi.ts';

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

export interface Documented {
  /** Path of the page on which the document can be read and tried. */
  readonly page: string;
  readonly document: Json;
  /** A further path of the document itself. */
  readonly documentPath?: string;
}

/**
 * One API's document and the page to try it. Both say only what the source says, so they are for anybody. Each has a
 * scope of its own, or the second API would find the document of the first.
 */
export async function addDocumentation(
  app: FastifyInstance,
  { page, document, documentPath }: Documented,
): Promise<void> {
  await app.register(async (scope) => {
    await scope.register(swagger, { mode: 'static', specification: { document: document as never } });
    await scope.register(swaggerUi, { routePrefix: page, staticCSP: UI_POLICY, validatorUrl: false });
    if (documentPath !== undefined)
      scope.get(documentPath, async (_request, reply) =>
        reply.type('application/json').serializer(JSON.stringify).send(document),
      );
  });
}
