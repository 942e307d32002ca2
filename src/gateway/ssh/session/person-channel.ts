import type { ServerChannel } from 'ssh2';
import type { ConnectionWire } from '../wire/connection-wire.ts';
import { ChannelPort, type ExitReport, type PortListener } from '../wire/channel-port.ts';
import { EarlyEvents } from '../wire/early-events.ts';

/** The terminal a client asked for. */
export interface Pty {
  readonly term: string;
  columns: number;
  rows: number;
  width: number;
  height: number;
  readonly modes: Readonly<Record<string, number>>;
}

export type ChannelKind = 'shell' | 'exec';

export interface PersonChannelOptions {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly command: string | null;
  readonly pty: Pty | null;
  readonly environment: ReadonlyMap<string, string>;
  readonly channel: ServerChannel;
  readonly wire: ConnectionWire;
  /** The channel is gone. */
  readonly closed: () => void;
  /** The client broke the flow control rules. */
  readonly violation: (what: string) => void;
}

/** The person's end of a channel: first nobody reads it, then a menu or a relay takes it over. */
export class PersonChannel {
  readonly id: string;
  readonly kind: ChannelKind;
  readonly command: string | null;
  readonly pty: Pty | null;
  readonly environment: ReadonlyMap<string, string>;
  readonly port: ChannelPort;
  /** The channel outlives the session: the person goes back to the menu. */
  comesBack = false;
  readonly #early = new EarlyEvents();
  readonly #waiting: PortListener;
  readonly #options: PersonChannelOptions;

  constructor(options: PersonChannelOptions) {
    this.#options = options;
    this.id = options.id;
    this.kind = options.kind;
    this.command = options.command;
    this.pty = options.pty;
    this.environment = options.environment;
    this.#waiting = {
      data: (bytes, part) => this.#early.data(bytes, part),
      eof: () => this.#early.eof(),
      closed: options.closed,
      sent: () => undefined,
      violation: options.violation,
    };
    this.port = new ChannelPort(options.channel, options.wire, this.#waiting);
  }

  /** Gives the channel to a reader, together with what came before. */
  listen(reader: Omit<PortListener, 'violation'>): void {
    const { closed, violation } = this.#options;
    const listener: PortListener = {
      data: (bytes, part) => reader.data(bytes, part),
      eof: () => {
        // A later reader of this channel must hear of it as well.
        this.#early.eof();
        reader.eof();
      },
      closed: () => {
        reader.closed();
        closed();
      },
      sent: (count) => reader.sent(count),
      violation,
    };
    this.port.setListener(listener);
    this.#early.replay(listener);
  }

  /** Takes the channel back from its reader: input waits again for the next one. */
  pause(): void {
    this.port.setListener(this.#waiting);
  }

  /** A line from the gateway: on the terminal, or on standard error so that it stays out of the data. */
  say(text: string): void {
    if (this.pty === null) this.port.send(Buffer.from(`${text}\n`), 'stderr');
    else this.port.send(Buffer.from(`${text}\r\n`), 'data');
  }

  end(status: number): void {
    this.finish({ kind: 'status', status });
  }

  /** Says so and ends the channel, instead of what waits to be sent, in one write to the network. */
  cut(lastWords: string): void {
    const { socket } = this.#options.wire;
    socket.cork();
    this.port.discardQueue();
    this.port.send(Buffer.from(lastWords), this.pty === null ? 'stderr' : 'data');
    this.end(255);
    socket.uncork();
  }

  finish(exit: ExitReport | undefined): void {
    this.port.finish(exit);
  }
}
