import { connect, type Socket } from 'node:net';
import type { WireProtocol } from './internals.ts';

/** SSH_MSG_CHANNEL_DATA and SSH_MSG_CHANNEL_EXTENDED_DATA (RFC 4254 section 5.2). */
const MSG_CHANNEL_DATA = 94;
const MSG_CHANNEL_EXTENDED_DATA = 95;

/** All sockets read into this one buffer: each read is used up before the next one begins. */
const shared = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * A socket that needs no fresh buffer for each read. Node makes one of 64 KiB, which for bulk data means that
 * the collector marks the whole heap every 25 MB.
 *
 * ssh2 keeps what it reads in some places (key exchange, requests), so until `share` is called, and again
 * during each key exchange, what it gets is a copy.
 */
export class SharedReadSocket {
  readonly socket: Socket;
  readonly #copyingReaders = new Set<number>();
  #protocol: WireProtocol | undefined;
  #sharing = false;

  constructor(host: string, port: number) {
    this.socket = connect({
      host,
      port,
      // Without it each step of a handshake waits 40 ms for the acknowledgement of the one before.
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          const bytes = shared.subarray(0, length);
          this.socket.emit('data', this.#mayShare ? bytes : Buffer.from(bytes));
          this.#keepHalfPacket();
          return true;
        },
      },
    });
  }

  get #mayShare(): boolean {
    return this.#sharing && this.#protocol?._kexinit === undefined;
  }

  /** A packet whose authentication tag is still to come is kept by ssh2 where it lies. */
  #keepHalfPacket(): void {
    const decipher = this.#protocol?._decipher;
    const half = decipher?._packet;
    if (decipher !== undefined && half?.buffer === shared.buffer) decipher._packet = Buffer.from(half);
  }

  /** Call it before the first byte can arrive. */
  guard(protocol: WireProtocol): void {
    this.#protocol = protocol;
    const deliver = protocol._onPayload;
    protocol._onPayload = (payload) => deliver(this.#isUsedAtOnce(payload) ? payload : Buffer.from(payload));
  }

  /** Call it when the first key exchange and authentication are over. */
  share(): void {
    this.#sharing = true;
  }

  /** The reader of this channel (our own number of it) copies what it gets before it returns. */
  addCopyingReader(channel: number): void {
    this.#copyingReaders.add(channel);
  }

  removeCopyingReader(channel: number): void {
    this.#copyingReaders.delete(channel);
  }

  #isUsedAtOnce(payload: Uint8Array): boolean {
    const [type, a = 0, b = 0, c = 0, d = 0] = payload;
    return (
      (type === MSG_CHANNEL_DATA || type === MSG_CHANNEL_EXTENDED_DATA) &&
      this.#copyingReaders.has(((a << 24) | (b << 16) | (c << 8) | d) >>> 0)
    );
  }
}
