import type { Socket } from 'node:net';
import ssh2, { type Client } from 'ssh2';
import { wireConnection } from '../wire/internals.ts';
import { SharedReadSocket } from '../wire/shared-reads.ts';
import { upstreamAlgorithms } from './algorithms.ts';
import { authenticateWith, type Credential } from './credential.ts';
import { classifyFailure, UpstreamFailure } from './failure.ts';
import { judgeHostKey, readHostKey, type HostKey } from './host-keys.ts';
import type { UpstreamTarget } from './target.ts';

const KEEPALIVE_INTERVAL_MS = 15_000;

export interface ConnectOptions {
  readonly target: UpstreamTarget;
  readonly credential: Credential;
  /** For everything together: resolving, dialling, handshake, authentication. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Pins a key seen for the first time; resolves to false when another one was pinned meanwhile. */
  readonly pin: (key: HostKey) => Promise<boolean>;
  /** The asset showed a key that is not the pinned one. */
  readonly changed: (shown: HostKey | undefined) => void;
}

/** A connection to an asset, logged in. */
export interface Upstream {
  readonly client: Client;
  readonly reads: SharedReadSocket;
}

/** Connects to an asset and logs in there. Throws an UpstreamFailure. */
export async function connectUpstream(options: ConnectOptions): Promise<Upstream> {
  const { target, credential, timeoutMs, signal } = options;
  if (signal.aborted) throw new UpstreamFailure('aborted', 'given up');
  if (credential.kind === 'privateKey' && ssh2.utils.parseKey(credential.secret.expose()) instanceof Error)
    throw new UpstreamFailure('vault_failed', 'the stored private key cannot be read');

  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let connected = false;
  const fail = (error: unknown): void => reject(classifyFailure(error, connected));
  const client = new ssh2.Client();
  const timer = setTimeout(() => fail(new UpstreamFailure('timed_out', 'no answer in time')), timeoutMs);
  const onAbort = (): void => fail(new UpstreamFailure('aborted', 'given up'));
  signal.addEventListener('abort', onAbort, { once: true });

  const reads = new SharedReadSocket(target.address, target.port);
  const { socket } = reads;
  try {
    // ssh2 wants a socket that is connected or will be; errors before that are ours to see.
    socket.once('error', fail);
    socket.once('connect', () => {
      connected = true;
    });
    client.on('error', fail);
    client.once('close', () => fail(new Error('the asset closed the connection')));
    client.once('ready', () => {
      reads.share();
      resolve();
    });
    client.connect({
      sock: socket,
      username: target.account,
      algorithms: upstreamAlgorithms(target.hostKeys),
      authHandler: authenticateWith(target.account, credential),
      readyTimeout: 0,
      keepaliveInterval: KEEPALIVE_INTERVAL_MS,
      keepaliveCountMax: 3,
      ident: 'Portcullis',
      hostVerifier: (shown: Buffer, verify: (valid: boolean) => void): void => {
        void verifyHostKey(options, shown).then(
          () => verify(true),
          (error: unknown) => {
            fail(error);
            verify(false);
          },
        );
      },
    });
    reads.guard(wireConnection(client)._protocol);
    await promise;
    return { client, reads };
  } catch (error) {
    abandon(client, socket);
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    client.off('error', fail);
    // ssh2 reports errors long after: without a listener each would end the process.
    client.on('error', () => undefined);
    socket.on('error', () => undefined);
  }
}

async function verifyHostKey(options: ConnectOptions, wire: Buffer): Promise<void> {
  const { target } = options;
  const shown = readHostKey(wire);
  const verdict =
    shown === undefined ? 'changed' : judgeHostKey(shown, target.hostKeys, target.trustOnFirstUse);
  if (verdict === 'known') return;
  if (verdict === 'unknown') throw new UpstreamFailure('host_key_unknown', 'no host key is stored');
  if (verdict === 'first_use' && shown !== undefined && (await options.pin(shown))) return;
  options.changed(shown);
  throw new UpstreamFailure('host_key_changed', 'the host key is not the stored one');
}

function abandon(client: Client, socket: Socket): void {
  socket.destroy();
  client.destroy();
}
