import type { Channel } from 'ssh2';
import type { ConnectionWire } from './connection-wire.ts';
import type { WireChannel } from './internals.ts';

/** ssh2's receive window (its MAX_WINDOW): the most a channel can make us hold per direction. */
export const WINDOW_BYTES = 2 * 1024 * 1024;
/** Given back in steps, so that bulk costs few adjustments and the sender never runs dry. */
const ADJUST_STEP_BYTES = WINDOW_BYTES / 8;
/** A peer that allows less per packet only wants to keep us busy. */
const MIN_PACKET_BYTES = 128;

export type Part = 'data' | 'stderr';

export interface PortListener {
  /** The bytes are only good until the listener returns. */
  data(bytes: Buffer, part: Part): void;
  /** The peer sends nothing any more. */
  eof(): void;
  /** The channel is gone, in good order or with its connection, also without `eof` before. Comes once. */
  closed(): void;
  /** So many bytes given to `send` have left for the socket. */
  sent(count: number): void;
  /** The peer broke the flow control rules: its connection should end. */
  violation(what: string): void;
}

interface Piece {
  readonly bytes: Buffer;
  readonly part: Part;
  readonly release: (() => void) | undefined;
  offset: number;
}

/**
 * One SSH channel as two flows with explicit credit. What the peer sends is bounded by the window, which only
 * `consumed` opens again; what we send keeps one order over data and stderr, and waits for the peer's window
 * and for the socket.
 */
export class ChannelPort {
  readonly #channel: WireChannel;
  readonly #wire: ConnectionWire;
  #listener: PortListener;
  #queue: Piece[] = [];
  #queuedBytes = 0;
  #credit = 0;
  #eofReceived = false;
  #eofWanted = false;
  #closed = false;
  #exit: (() => void) | undefined;
  #closeWanted = false;

  constructor(channel: Channel, wire: ConnectionWire, listener: PortListener) {
    this.#channel = channel as unknown as WireChannel;
    this.#wire = wire;
    this.#listener = listener;
    this.#attach();
  }

  /** Bytes given to `send` that have not left yet. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Our own close is on its way, or queued behind data. */
  get closeSent(): boolean {
    return this.#closeWanted;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Hands the channel to another reader: the menu first, then the session. */
  setListener(listener: PortListener): void {
    this.#listener = listener;
  }

  get eofReceived(): boolean {
    return this.#eofReceived;
  }

  #attach(): void {
    const channel = this.#channel;
    const ignore = (): void => undefined;
    channel.on('error', ignore);
    channel.stderr.on('error', ignore);
    const push = channel.push.bind(channel);
    const take = (part: Part) => (bytes: Buffer) => {
      // ssh2 subtracts before it asks whether there was room, so an overrun shows as a negative window.
      if (channel.incoming.window < 0) this.#listener.violation('data beyond the window');
      else if (this.#eofReceived) this.#listener.violation('data after end of file');
      else this.#listener.data(bytes, part);
      // "Full" keeps ssh2 from opening the window: that is for `consumed`.
      return false;
    };
    const takeData = take('data');
    const early: (readonly [Buffer, Part])[] = [];
    drainEarly(channel, 'data', early);
    channel.push = (chunk) => {
      if (chunk !== null) return takeData(chunk);
      // ssh2 ends its stream also when a channel is closed or lost; that is no end of file of the peer's.
      if (channel.incoming.state === 'eof') this.#onEof();
      push(null);
      // Nothing is ever buffered in the stream: this only lets it emit its own end and close.
      channel.resume();
      return false;
    };
    const { stderr } = channel;
    if (stderr.push !== undefined) {
      const pushError = stderr.push.bind(stderr);
      const takeError = take('stderr');
      drainEarly(stderr, 'stderr', early);
      stderr.push = (chunk) => {
        if (chunk !== null) return takeError(chunk);
        pushError(null);
        stderr.resume?.();
        return false;
      };
    }
    channel.on('close', () => this.#onClosed());
    if (channel.outgoing.packetSize < MIN_PACKET_BYTES)
      queueMicrotask(() => this.#listener.violation('packets too small to be of use'));
    if (early.length > 0 || channel.incoming.state === 'eof') {
      queueMicrotask(() => {
        for (const [bytes, part] of early) this.#listener.data(bytes, part);
        if (channel.incoming.state === 'eof') this.#onEof();
      });
    }
  }

  #onEof(): void {
    if (this.#eofReceived) return;
    this.#eofReceived = true;
    this.#listener.eof();
  }

  #onClosed(): void {
    if (this.#closed) return;
    this.#eofReceived = true;
    this.#closed = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#listener.closed();
  }

  /** Gives so many received bytes back to the peer's window. */
  consumed(count: number): void {
    this.#credit += count;
    if (this.#credit < ADJUST_STEP_BYTES) return;
    const { incoming, outgoing } = this.#channel;
    if (incoming.state !== 'open' || outgoing.state === 'closing' || outgoing.state === 'closed') return;
    incoming.window += this.#credit;
    this.#wire.protocol.channelWindowAdjust(outgoing.id, this.#credit);
    this.#credit = 0;
  }

  /**
   * Queues bytes for the peer. They must not be changed until `release` is called; it is not called for bytes
   * that will never be sent.
   */
  send(bytes: Buffer, part: Part, release?: () => void): void {
    if (this.#closed || this.#eofWanted || bytes.length === 0) return;
    if (this.#channel.outgoing.packetSize < MIN_PACKET_BYTES) return;
    this.#queue.push({ bytes, part, release, offset: 0 });
    this.#queuedBytes += bytes.length;
    if (this.#queue.length === 1) this.#pump();
  }

  /** End of file after what is queued. */
  sendEof(): void {
    this.#eofWanted = true;
    if (this.#queue.length === 0) this.#pump();
  }

  /** Closes after what is queued, reporting how it ended (server channels only). */
  finish(exit: ExitReport | undefined): void {
    if (this.#closeWanted) return;
    this.#closeWanted = true;
    const { protocol } = this.#wire;
    const { id } = this.#channel.outgoing;
    if (exit !== undefined) {
      this.#exit = () => {
        if (exit.kind === 'status') {
          protocol.exitStatus(id, exit.status);
          return;
        }
        try {
          protocol.exitSignal(id, exit.signal, exit.coreDumped, exit.message);
        } catch {
          // A signal that SSH has no name for.
          protocol.exitStatus(id, 255);
        }
      };
    }
    if (this.#queue.length === 0) this.#pump();
  }

  /** Forgets what is queued: a cut does not wait for a peer that does not read. */
  discardQueue(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  readonly #pump = (): void => {
    const { outgoing } = this.#channel;
    const { packets, socket } = this.#wire;
    let count = 0;
    socket.cork();
    for (let piece = this.#queue[0]; piece !== undefined; piece = this.#queue[0]) {
      if (outgoing.state !== 'open') {
        this.discardQueue();
        break;
      }
      if (outgoing.window === 0) {
        this.#channel._waitWindow = true;
        this.#channel._chunkcb = this.#pump;
        break;
      }
      if (this.#wire.congested) {
        this.#wire.whenDrained(this.#pump);
        break;
      }
      const size = Math.min(piece.bytes.length - piece.offset, outgoing.window, outgoing.packetSize);
      const slice =
        size === piece.bytes.length ? piece.bytes : piece.bytes.subarray(piece.offset, piece.offset + size);
      packets.add(outgoing.id, slice, piece.part === 'stderr');
      outgoing.window -= size;
      piece.offset += size;
      count += size;
      if (piece.offset === piece.bytes.length) {
        this.#queue.shift();
        piece.release?.();
      }
    }
    packets.flush();
    this.#queuedBytes = Math.max(0, this.#queuedBytes - count);
    if (this.#queue.length === 0) this.#conclude();
    socket.uncork();
    if (count > 0) this.#listener.sent(count);
  };

  #conclude(): void {
    const { outgoing } = this.#channel;
    if (outgoing.state !== 'open' && outgoing.state !== 'eof') return;
    const { protocol } = this.#wire;
    if (this.#closeWanted) {
      this.#exit?.();
      this.#exit = undefined;
    }
    if ((this.#eofWanted || this.#closeWanted) && outgoing.state === 'open') {
      outgoing.state = 'eof';
      protocol.channelEOF(outgoing.id);
    }
    if (this.#closeWanted) this.#channel.close();
  }
}

export type ExitReport =
  | { readonly kind: 'status'; readonly status: number }
  | {
      readonly kind: 'signal';
      readonly signal: string;
      readonly coreDumped: boolean;
      readonly message: string;
    };

/** What a hasty peer sent before we took over. */
function drainEarly(
  stream: { readonly readableLength?: number; read?(): Buffer | null },
  part: Part,
  into: (readonly [Buffer, Part])[],
): void {
  if (stream.readableLength === undefined || stream.readableLength === 0) return;
  for (let chunk = stream.read?.(); chunk !== null && chunk !== undefined; chunk = stream.read?.())
    into.push([chunk, part]);
}
