import type { Client, ClientChannel } from 'ssh2';
import { connectionWire } from '../wire/connection-wire.ts';
import { localChannelId } from '../wire/channel-request.ts';
import { startRekeying } from '../wire/rekeying.ts';
import { connectUpstream, type Upstream } from '../upstream/connect.ts';
import { openCredential } from '../upstream/credential.ts';
import { UpstreamFailure } from '../upstream/failure.ts';
import { pinHostKey } from '../upstream/pin-host-key.ts';
import type { UpstreamTarget } from '../upstream/target.ts';
import { AssetChannel } from './asset-channel.ts';
import type { PersonChannel } from './person-channel.ts';
import type { GatewayServices } from './services.ts';

export interface OpenChannel {
  readonly asset: AssetChannel;
  /** The terminal size the asset was told. */
  readonly columns: number;
  readonly rows: number;
}

export interface AssetLinkOptions {
  readonly services: GatewayServices;
  readonly target: UpstreamTarget;
  readonly who: { readonly user: string; readonly session: string };
  readonly signal: AbortSignal;
  /** The asset ended the connection. */
  readonly lost: () => void;
}

/** The one connection of a session to its asset; made when the first channel needs it. */
export class AssetLink implements Disposable {
  readonly #options: AssetLinkOptions;
  #connecting: Promise<Upstream> | undefined;
  #client: Client | undefined;
  #rekeying: Disposable | undefined;
  #closed = false;

  constructor(options: AssetLinkOptions) {
    this.#options = options;
  }

  /** Opens a shell or runs the command. Throws an UpstreamFailure. */
  async open(person: PersonChannel): Promise<OpenChannel> {
    this.#connecting ??= this.#connect();
    const { client, reads } = await this.#connecting;
    const { promise, resolve, reject } = Promise.withResolvers<AssetChannel>();
    const answer = (error: Error | undefined, channel: ClientChannel): void => {
      if (error === undefined) {
        const id = localChannelId(channel);
        reads.addCopyingReader(id);
        channel.once('close', () => reads.removeCopyingReader(id));
        resolve(new AssetChannel(channel, connectionWire(client)));
      } else reject(new UpstreamFailure('channel_refused', error.message, error));
    };
    const onClose = (): void => reject(new UpstreamFailure('connection_lost', 'the asset went away'));
    client.once('close', onClose);
    const { pty, kind, command } = person;
    const env = Object.fromEntries(person.environment);
    const size = { columns: pty?.columns ?? 0, rows: pty?.rows ?? 0 };
    const terminal =
      pty === null
        ? undefined
        : {
            term: pty.term,
            cols: pty.columns,
            rows: pty.rows,
            width: pty.width,
            height: pty.height,
            modes: pty.modes,
          };
    try {
      if (kind === 'exec')
        client.exec(command ?? '', { env, ...(terminal === undefined ? {} : { pty: terminal }) }, answer);
      else client.shell(terminal ?? false, { env }, answer);
      return { asset: await promise, ...size };
    } catch (error) {
      // ssh2 throws at once when the connection is gone already.
      throw error instanceof UpstreamFailure
        ? error
        : new UpstreamFailure('connection_lost', 'the asset went away', error);
    } finally {
      client.off('close', onClose);
    }
  }

  async #connect(): Promise<Upstream> {
    const { services, target, who, signal, lost } = this.#options;
    const upstream = await connectUpstream({
      target,
      credential: openCredential(services.vault, target),
      timeoutMs: services.limits.connectTimeoutMs,
      signal,
      pin: (key) => pinHostKey(services, target, who, key),
      changed: (shown) =>
        services.events.report('asset.host_key_changed', {
          user: who.user,
          session: who.session,
          asset: target.asset,
          account: target.account,
          data: { algorithm: shown?.algorithm ?? null, shown: shown?.blob ?? null },
        }),
    });
    const { client } = upstream;
    this.#client = client;
    client.once('close', () => {
      if (!this.#closed) lost();
    });
    this.#rekeying = startRekeying(connectionWire(client));
    if (this.#closed) {
      this[Symbol.dispose]();
      throw new UpstreamFailure('aborted', 'given up');
    }
    return upstream;
  }

  /** Ends the connection at once. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#rekeying?.[Symbol.dispose]();
    this.#client?.destroy();
  }
}
