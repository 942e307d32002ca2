import { createServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { once } from 'node:events';
import ssh2, { type Connection } from 'ssh2';
import { PortcullisError } from '#contract/errors.ts';
import type { Authenticator } from '#identity/authenticator.ts';
import { canonicalAddress } from '#lib/ip-text.ts';
import { parseIpAddress, parseIpRange, rangeContains, type IpRange } from '#lib/ip.ts';
import type { Logger } from '#lib/log.ts';
import type { Clock } from '#lib/time.ts';
import { libraryFeatures, serverAlgorithms } from '../algorithms.ts';
import { openHostKeys } from '../host-keys.ts';
import type { LoginHandler } from '../login.ts';
import { Admission } from './admission.ts';
import { IncomingConnection, type FrontServices, type GatewayLimits } from './connection.ts';
import { EventOutlet, type Publish } from './event-outlet.ts';
import { HandshakePace } from './handshake-pace.ts';
import { OWN_SOFTWARE } from './identification.ts';
import { socketOf } from './internals.ts';
import type { Origin } from './opening.ts';
import { UnauthenticatedLog } from './unauthenticated-log.ts';

export interface SshGatewayOptions {
  readonly listen: readonly { readonly host: string; readonly port: number }[];
  /** Host keys are kept in `host-keys` below it. */
  readonly dataDir: string;
  /** Text before login; empty for none. */
  readonly banner: string;
  readonly limits: GatewayLimits;
  /** Addresses and ranges whose PROXY header is believed and demanded. */
  readonly trustedProxies: readonly string[];
  readonly authenticator: Authenticator;
  /** Resolves when the events are durable. */
  readonly publish: Publish;
  readonly loginHandler: LoginHandler;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SshGateway extends AsyncDisposable {
  /** Where it listens, with the ports the system chose. */
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  /** `ssh-ed25519 AAAA…`: how clients know the gateway. */
  readonly hostKeyLines: readonly string[];
}

const KEEPALIVE_INTERVAL_MS = 30_000;
const KEEPALIVE_MISSES = 3;
/** How long connections may take to end in good order when the gateway stops. */
const DRAIN_MS = 5_000;

/** Opens the SSH gateway. Disposing it stops listening, ends every connection, and tells the last events. */
export async function startSshGateway(options: SshGatewayOptions): Promise<SshGateway> {
  const { logger, clock, publish, limits } = options;
  const features = libraryFeatures();
  if (!features.hasNativeCrypto) {
    logger.warn(
      { fix: 'install g++, make and python3, then run npm rebuild' },
      'SSH runs without native crypto: transfers are 2 to 5 times slower, and chacha20-poly1305 is not offered',
    );
  }
  const hostKeys = await openHostKeys(options.dataDir);
  const server = new ssh2.Server({
    hostKeys: hostKeys.map((key) => key.privateKey.expose()),
    algorithms: serverAlgorithms(features),
    ident: OWN_SOFTWARE,
    banner: options.banner.replace(/\r?\n/g, '\r\n'),
    keepaliveInterval: KEEPALIVE_INTERVAL_MS,
    keepaliveCountMax: KEEPALIVE_MISSES,
  });
  const outlet = new EventOutlet(publish, logger);
  const services: FrontServices = {
    server,
    limits,
    admission: new Admission(limits, Math.random),
    handshakePace: new HandshakePace(),
    unauthenticated: new UnauthenticatedLog((event) => void outlet.tell(event), clock),
    authenticator: options.authenticator,
    loginHandler: options.loginHandler,
    publish,
    outlet,
    clock,
    logger,
  };
  const connections = new Map<Socket, IncomingConnection>();
  const proxies = options.trustedProxies.map(readRange);

  server.on('connection', (connection: Connection) => {
    const socket = socketOf(connection);
    const known = connections.get(socket);
    if (known === undefined) socket.destroy();
    else known.attach(connection);
  });

  const onSocket = (socket: Socket): void => {
    const peer = peerOf(socket);
    if (peer === undefined) {
      socket.destroy();
      return;
    }
    const incoming = new IncomingConnection(socket, peer, isIn(proxies, peer.address), services);
    connections.set(socket, incoming);
    incoming.finished
      .catch((error: unknown) => logger.error({ err: error }, 'the end of a connection could not be told'))
      .finally(() => connections.delete(socket));
    incoming.serve().catch((error: unknown) => {
      logger.error({ err: error }, 'a connection failed unexpectedly');
      socket.destroy();
    });
  };

  const listeners: TcpServer[] = [];
  try {
    for (const address of options.listen) listeners.push(await listen(address, onSocket, logger));
  } catch (error) {
    for (const listener of listeners) listener.close();
    throw error;
  }

  return {
    addresses: listeners.map((listener) => {
      const { address, port } = listener.address() as AddressInfo;
      return { host: address, port };
    }),
    hostKeyLines: hostKeys.map((key) => key.publicLine),
    async [Symbol.asyncDispose]() {
      for (const listener of listeners) listener.close();
      await drain([...connections.values()].filter((connection) => !connection.isLoggedIn));
      await options.loginHandler.drain?.();
      await drain([...connections.values()]);
      services.unauthenticated[Symbol.dispose]();
      await outlet[Symbol.asyncDispose]();
    },
  };
}

async function listen(
  { host, port }: { readonly host: string; readonly port: number },
  onSocket: (socket: Socket) => void,
  logger: Logger,
): Promise<TcpServer> {
  // Without noDelay every small exchange waits for delayed acknowledgements: 40 ms each.
  const listener = createServer({ noDelay: true }, onSocket);
  try {
    listener.listen({ host, port, backlog: 1_024 });
    await once(listener, 'listening');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new PortcullisError(
      'E_UNAVAILABLE',
      `The SSH gateway cannot listen on ${host}:${port} (${why}). Stop what uses it, or change ssh.listen.`,
      { cause: error },
    );
  }
  listener.on('error', (error) => logger.error({ err: error }, 'the SSH listener had an error'));
  return listener;
}

/** Undefined for a socket that is gone before it could be looked at. */
function peerOf(socket: Socket): Origin | undefined {
  const { remoteAddress, remotePort } = socket;
  const address = canonicalAddress(remoteAddress ?? '');
  if (address === undefined || remotePort === undefined) return undefined;
  return { address, port: remotePort };
}

function readRange(text: string): IpRange {
  const range = parseIpRange(text);
  if (range !== undefined) return range;
  throw new PortcullisError('E_CONFIG', `ssh.trustedProxies: ${text} is neither an address nor a range.`);
}

function isIn(ranges: readonly IpRange[], text: string): boolean {
  const address = parseIpAddress(text);
  return address !== undefined && ranges.some((range) => rangeContains(range, address));
}

/** Ends them, and waits until all is told; not for ever. */
async function drain(connections: readonly IncomingConnection[]): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    for (const connection of connections) connection.destroy();
    resolve();
  }, DRAIN_MS);
  for (const connection of connections) connection.end();
  await Promise.race([Promise.all(connections.map((connection) => connection.finished)), late]);
  clearTimeout(timer);
}
