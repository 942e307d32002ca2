import { metrics as opentelemetry } from '@opentelemetry/api';
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
} from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { newId } from '#lib/ids.ts';
import type { Logger } from '#lib/log.ts';
import { printable } from '#lib/printable.ts';
import type { Config } from '#config/config.ts';
import { dialectDocument } from '#contract/jumpserver/openapi.ts';
import { INVENTORY_ROUTES } from '#contract/routes/inventory-routes.ts';
import { CONNECTOR_ROUTES } from '#contract/routes/connector-routes.ts';
import { LOG_SOURCE_ROUTES } from '#contract/routes/log-source-routes.ts';
import { openApiDocument } from '#contract/routes/openapi.ts';
import { RESPONSE_ROUTES } from '#contract/routes/response-routes.ts';
import { SESSION_ROUTES } from '#contract/routes/session-routes.ts';
import { SYSTEM_ROUTES } from '#contract/routes/system-routes.ts';
import { TOKEN_ROUTES } from '#contract/routes/token-routes.ts';
import { USER_ROUTES } from '#contract/routes/user-routes.ts';
import type { Authenticator } from './access/authenticate.ts';
import { LOCAL_ADMINISTRATOR } from './access/caller.ts';
import { connectorHandlers } from './handlers/connectors.ts';
import { logSourceHandlers } from './handlers/log-sources.ts';
import { inventoryHandlers } from './handlers/inventory.ts';
import { responseHandlers } from './handlers/response.ts';
import { sessionHandlers } from './handlers/sessions.ts';
import { systemHandlers } from './handlers/system.ts';
import { tokenHandlers } from './handlers/tokens.ts';
import { userHandlers } from './handlers/users.ts';
import { addDocumentation } from './http/documentation.ts';
import { clientAddress } from './http/client-address.ts';
import { addErrorAnswers } from './http/error-answers.ts';
import { compileValidator } from './http/validation.ts';
import { answeredAt, MAX_SEGMENT_LENGTH } from './http/path-guard.ts';
import { registerRoutes, type RouteAccess } from './http/register-routes.ts';
import { addSecurityHeaders } from './http/security-headers.ts';
import { registerDialect } from './jumpserver/register.ts';
import { PREFIX as DIALECT_PREFIX } from './jumpserver/urls.ts';
import { addMetricsPage, type Metrics } from './metrics.ts';
import { addPages } from './pages/pages.ts';
import type { Services } from './services.ts';

export interface ServerOptions {
  readonly services: Services;
  readonly http: Config['http'];
  readonly logger: Logger;
  readonly authenticator: Authenticator;
  readonly metrics: Metrics;
  readonly version: string;
  /** `local` is the administrator's socket: whoever can open it is the local administrator. */
  readonly door: 'network' | 'local';
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | null;
}

/** Each costs memory before anybody is authenticated; beyond this many the kernel keeps them waiting. */
const MAX_CONNECTIONS = 2_000;

/** One HTTP server with everything on it, not listening yet. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { services, http, logger, door, tls } = options;
  const baseLogger: FastifyBaseLogger = logger;
  const app: FastifyInstance = fastify({
    loggerInstance: baseLogger,
    // Addresses of pages contain one-time secrets: the framework's request lines never reach the log.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => newId(),
    requestIdHeader: false,
    trustProxy: door === 'network' && http.trustedProxies.length > 0 ? [...http.trustedProxies] : false,
    rewriteUrl: (request) => answeredAt(request.url ?? '', [DIALECT_PREFIX]),
    routerOptions: { maxParamLength: MAX_SEGMENT_LENGTH, caseSensitive: true },
    exposeHeadRoutes: false,
    return503OnClosing: true,
    connectionTimeout: 60_000,
    requestTimeout: 60_000,
    keepAliveTimeout: 30_000,
    ...(tls === null ? {} : { https: { cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' } }),
  });
  app.server.maxConnections = MAX_CONNECTIONS;
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(serializerCompiler);
  const isHttps = tls !== null || (http.publicUrl?.startsWith('https:') ?? false);
  addSecurityHeaders(app, { https: isHttps });
  addErrorAnswers(app);
  addJsonBodies(app);

  const access: RouteAccess = {
    identify: async (request) =>
      door === 'local'
        ? LOCAL_ADMINISTRATOR
        : options.authenticator.authenticate({
            request: {
              method: request.method,
              target: request.originalUrl,
              headers: request.headers,
            },
            address: clientAddress(request),
            port: request.socket.remotePort ?? 0,
            userAgent: printable(request.headers['user-agent'] ?? '', 200),
          }),
    noteForbidden: (caller, operation) => options.authenticator.noteForbidden(caller, operation),
  };
  registerRoutes(app, USER_ROUTES, userHandlers(services), access);
  registerRoutes(app, INVENTORY_ROUTES, inventoryHandlers(services), access);
  registerRoutes(app, SESSION_ROUTES, sessionHandlers(services), access);
  registerRoutes(app, RESPONSE_ROUTES, responseHandlers(services), access);
  registerRoutes(app, CONNECTOR_ROUTES, connectorHandlers(services), access);
  registerRoutes(app, LOG_SOURCE_ROUTES, logSourceHandlers(services), access);
  registerRoutes(app, TOKEN_ROUTES, tokenHandlers(services), access);
  registerRoutes(app, SYSTEM_ROUTES, systemHandlers(services), access);
  await registerDialect(app, { services, access, version: http.jumpserverVersion, isHttps });
  addMetricsPage(app, options.metrics, access);
  if (door === 'network') {
    await addDocumentation(app, {
      page: '/docs',
      document: openApiDocument(options.version),
      documentPath: '/openapi.json',
    });
    await addDocumentation(app, {
      page: '/api/docs',
      document: dialectDocument(options.version, http.jumpserverVersion),
    });
    addPages(app, services, { isHttps });
  }
  logRequests(app);
  return app;
}

/** An empty body counts as none, whatever its type; plain text is not taken at all. */
function addJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else void parseJson(request, String(body), done);
  });
}

/** By route and not by address: addresses have no end, and some are secrets. */
function logRequests(app: FastifyInstance): void {
  const duration = opentelemetry.getMeter('api').createHistogram('http_request_duration_seconds', {
    description: 'Time to answer, by route and status.',
    advice: { explicitBucketBoundaries: [0.005, 0.02, 0.1, 0.5, 2, 10, 60] },
  });
  app.addHook('onResponse', async (request: FastifyRequest, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    duration.record(reply.elapsedTime / 1000, {
      method: request.method,
      route,
      status: String(reply.statusCode),
    });
    request.log.debug(
      {
        method: request.method,
        route,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    );
  });
}
