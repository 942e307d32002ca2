import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Route } from '#contract/routes/route.ts';
import type { RouteAccess } from '../http/register-routes.ts';
import { urlsOf } from './urls.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE'] as const;

/** What `OPTIONS` tells of a path. */
const Metadata = z.object({
  name: z.string(),
  description: z.string(),
  renders: z.array(z.string()),
  parses: z.array(z.string()),
});

/** `OPTIONS` describes a known path; a method that it does not have is 405. Both for whoever may know the path. */
export function addOtherMethods(scope: FastifyInstance, routes: readonly Route[], access: RouteAccess): void {
  for (const [path, known] of Map.groupBy(routes, (route) => route.path)) {
    const methods: readonly string[] = known.map((route) => route.method);
    const allow = [...methods, 'OPTIONS'].join(', ');
    const metadata: z.infer<typeof Metadata> = {
      name: path,
      description: known.map((route) => `${route.method}: ${route.summary}`).join('\n'),
      renders: ['application/json'],
      parses: ['application/json'],
    };
    const identify = async (request: Parameters<RouteAccess['identify']>[0]): Promise<void> => {
      if (known.every((route) => route.callers !== 'anybody')) await access.identify(request);
    };
    for (const url of urlsOf(path)) {
      scope.route({
        method: 'OPTIONS',
        url,
        schema: { response: { 200: Metadata } },
        onRequest: identify,
        handler: async (_request, reply): Promise<FastifyReply> =>
          reply.header('allow', allow).send(metadata),
      });
      scope.route({
        method: METHODS.filter((method) => !methods.includes(method)),
        url,
        onRequest: identify,
        handler: async (request, reply): Promise<FastifyReply> =>
          reply
            .code(405)
            .header('allow', allow)
            .send({ detail: `Method "${request.method}" not allowed.`, code: 'method_not_allowed' }),
      });
    }
  }
}
