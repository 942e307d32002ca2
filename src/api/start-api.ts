import { chmod, lstat, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Config } from '#config/config.ts';
import { PortcullisError } from '#contract/errors.ts';
import type { Logger } from '#lib/log.ts';
import { createAuthenticator } from './access/authenticate.ts';
import type { Metrics } from './metrics.ts';
import { measureServices } from './service-metrics.ts';
import { buildServer, type ServerOptions } from './server.ts';
import type { Services } from './services.ts';

export interface StartApiOptions {
  readonly services: Services;
  readonly config: Pick<Config, 'dataDir' | 'http'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly version: string;
}

export interface Api extends AsyncDisposable {
  /** Where it listens, `host:port` each. */
  readonly addresses: readonly string[];
  /** The administrator's socket. */
  readonly socketPath: string;
}

/** The kernel's limit for the path of a Unix socket (`sun_path`), without the final zero. */
const MAX_SOCKET_PATH_BYTES = 107;
const SOCKET_NAME = 'admin.sock';
/** Requests under way get this long to finish when the server stops. */
const CLOSE_GUARD_MS = 5_000;

/** Opens every door of the API: the addresses of the configuration, and the administrator's socket. */
export async function startApi(options: StartApiOptions): Promise<Api> {
  const { services, config, logger, metrics, version } = options;
  const { http } = config;
  const tls =
    http.tls === null
      ? null
      : { cert: await readFile(http.tls.certFile), key: await readFile(http.tls.keyFile) };
  await using stack = new AsyncDisposableStack();
  const authenticator = stack.use(createAuthenticator(services, logger));
  const shared: Omit<ServerOptions, 'door' | 'tls'> = {
    services,
    http,
    logger,
    metrics,
    version,
    authenticator,
  };
  stack.use(measureServices(services));
  const socketPath = join(config.dataDir, SOCKET_NAME);
  const local = await buildServer({ ...shared, door: 'local', tls: null });
  stack.defer(() => closeServer(local));
  await listenOnSocket(local, socketPath);

  const addresses: string[] = [];
  for (const { host, port } of http.listen) {
    const server = await buildServer({ ...shared, door: 'network', tls });
    stack.defer(() => closeServer(server));
    addresses.push(await listenOnAddress(server, host, port));
  }
  logger.info({ addresses, tls: tls !== null }, 'the API listens');
  const open = stack.move();
  return { addresses, socketPath, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/**
 * The data folder belongs to this process alone, so a socket in it is what an earlier run left behind. The
 * folder is closed to others, so nobody reaches the socket before its own mode is set.
 */
async function listenOnSocket(server: FastifyInstance, path: string): Promise<void> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES)
    throw new PortcullisError(
      'E_CONFIG',
      `The path of dataDir is too long for the socket in it: ${path} has more than ${MAX_SOCKET_PATH_BYTES} bytes. Use a shorter one.`,
    );
  const before = await lstat(path).catch(() => undefined);
  if (before?.isSocket() === true) await rm(path);
  await server.listen({ path });
  await chmod(path, 0o600);
}

async function listenOnAddress(server: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PortcullisError(
      'E_CONFIG',
      `The API cannot listen on ${host}:${port}: ${why}. Change http.listen.`,
      {
        cause,
      },
    );
  }
  const { address, port: bound } = server.server.address() as AddressInfo;
  return address.includes(':') ? `[${address}]:${bound}` : `${address}:${bound}`;
}

/** Lets requests finish, but not for ever: after the guard what is still open is cut. */
async function closeServer(server: FastifyInstance): Promise<void> {
  const guard = setTimeout(() => server.server.closeAllConnections(), CLOSE_GUARD_MS);
  try {
    server.server.closeIdleConnections();
    await server.close();
  } finally {
    clearTimeout(guard);
  }
}
