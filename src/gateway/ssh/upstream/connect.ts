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
      hostVerifier: hostVerifier(options, fail),
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

/**
 * Judges the host key at the first exchange and holds on to it at every later one. A key that is known must be
 * answered at once: ssh2 sends data out of order when the answer comes after the asset's new keys.
 */
function hostVerifier(
  options: ConnectOptions,
  fail: (error: unknown) => void,
): (wire: Buffer, verify: (valid: boolean) => void) => void {
  const { target } = options;
  let accepted: string | undefined;
  const changed = (shown: HostKey | undefined): UpstreamFailure => {
    options.changed(shown);
    return new UpstreamFailure('host_key_changed', 'the host key is not the stored one');
  };
  return (wire, verify) => {
    const shown = readHostKey(wire);
    const accept = (): void => {
      accepted = shown?.blob;
      verify(true);
    };
    const refuse = (error: unknown): void => {
      fail(error);
      verify(false);
    };
    if (shown === undefined) return refuse(changed(shown));
    if (accepted !== undefined) return shown.blob === accepted ? accept() : refuse(changed(shown));
    switch (judgeHostKey(shown, target.hostKeys, target.trustOnFirstUse)) {
      case 'known':
        return accept();
      case 'unknown':
        return refuse(new UpstreamFailure('host_key_unknown', 'no host key is stored'));
      case 'changed':
        return refuse(changed(shown));
      case 'first_use':
        options.pin(shown).then(
          (isOurs) => (isOurs ? accept() : refuse(changed(shown))),
          (error: unknown) => refuse(error),
        );
        return undefined;
    }
  };
}

function abandon(client: Client, socket: Socket): void {
  socket.destroy();
  client.destroy();
}
