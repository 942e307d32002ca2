import type { ClientChannel } from 'ssh2';
import { sendChannelRequest } from '../wire/channel-request.ts';
import { ChannelPort, type ExitReport, type PortListener } from '../wire/channel-port.ts';
import type { ConnectionWire } from '../wire/connection-wire.ts';
import { EarlyEvents } from '../wire/early-events.ts';

/**
 * The asset's end of a channel. Made in the very call in which ssh2 opens the channel: its first output and
 * even its exit status may be in the same packet.
 */
export class AssetChannel {
  readonly port: ChannelPort;
  readonly #channel: ClientChannel;
  readonly #wire: ConnectionWire;
  readonly #early = new EarlyEvents();
  #exit: ExitReport | undefined;

  constructor(channel: ClientChannel, wire: ConnectionWire) {
    this.#channel = channel;
    this.#wire = wire;
    channel.on('exit', (...args: readonly unknown[]) => {
      this.#exit = readExit(args);
    });
    this.port = new ChannelPort(channel, wire, this.#early);
  }

  /** How it ended; undefined when the asset went away without a word. */
  get exit(): ExitReport | undefined {
    return this.#exit;
  }

  /** Gives the channel to its reader, together with what came before. Bytes are good until the call returns. */
  listen(reader: PortListener): void {
    this.port.setListener(reader);
    this.#early.replay(reader);
  }

  resize(columns: number, rows: number, width: number, height: number): void {
    this.#channel.setWindow(rows, columns, height, width);
  }

  signal(name: string): void {
    try {
      this.#channel.signal(name);
    } catch {
      // Not one of the signals of RFC 4254 section 6.10: nothing to forward.
    }
  }

  /** RFC 4335. */
  sendBreak(lengthMs: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(lengthMs >>> 0);
    sendChannelRequest(this.#wire, this.#channel, 'break', payload);
  }

  close(): void {
    this.port.finish(undefined);
  }
}

/** ssh2 gives a number, or null, signal name, core flag and text. */
function readExit(args: readonly unknown[]): ExitReport {
  const [status, signal, coreDumped, message] = args;
  if (typeof status === 'number') return { kind: 'status', status };
  return {
    kind: 'signal',
    signal: typeof signal === 'string' ? signal : 'SIGTERM',
    coreDumped: coreDumped === true,
    message: typeof message === 'string' ? message.slice(0, 256) : '',
  };
}
