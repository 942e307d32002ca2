import { randomFillSync } from 'node:crypto';
import type { WireProtocol, WireSocket } from './internals.ts';
import { SlabPool } from './slabs.ts';

/** SSH_MSG_CHANNEL_DATA and SSH_MSG_CHANNEL_EXTENDED_DATA (RFC 4254 section 5.2). */
const MSG_CHANNEL_DATA = 94;
const MSG_CHANNEL_EXTENDED_DATA = 95;
/** SSH_EXTENDED_DATA_STDERR. */
const STDERR = 1;
/** Length, padding length, message, channel, data type, data length, most padding, tag. */
const MAX_OVERHEAD_BYTES = 4 + 1 + 1 + 4 + 4 + 4 + 19 + 16;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;

const slabs = new SlabPool(256 * 1024 + 16 * MAX_OVERHEAD_BYTES, 16);

const padding = Buffer.alloc(4096);
let paddingUsed = padding.length;

/** Random padding as RFC 4253 section 6 wants it, without asking the generator once per packet. */
function pad(packet: Buffer, offset: number, length: number): void {
  if (paddingUsed + length > padding.length) {
    randomFillSync(padding);
    paddingUsed = 0;
  }
  padding.copy(packet, offset, paddingUsed, paddingUsed + length);
  paddingUsed += length;
}

/** Where the packets go. */
export interface PacketWire {
  readonly protocol: WireProtocol;
  readonly socket: WireSocket;
}

/** ssh2's compiled AES-GCM: encrypts a whole packet where it lies. */
interface GcmCipher {
  readonly _dead: boolean;
  readonly _instance: { encrypt(packet: Buffer): void };
  outSeqno: number;
}

function gcmCipherOf(wire: PacketWire): GcmCipher | undefined {
  const { protocol } = wire;
  // During a key exchange ssh2 queues what is sent, and must go on doing so.
  if (protocol._kexinit !== undefined) return undefined;
  const cipher: object = protocol._cipher;
  return cipher.constructor.name === 'AESGCMCipherBinding' ? (cipher as GcmCipher) : undefined;
}

/**
 * Collects data packets and hands them to the socket in one piece. ssh2 makes a fresh buffer and a socket
 * write for every packet of 32 KiB; here a quarter megabyte of packets is put together in a buffer that is
 * used again. Ciphers other than compiled AES-GCM go the long way.
 */
export class DataPackets {
  readonly #wire: PacketWire;
  #slab: Buffer | undefined;
  #used = 0;

  constructor(wire: PacketWire) {
    this.#wire = wire;
  }

  add(channel: number, data: Buffer, isStderr: boolean): void {
    // Once the connection is gone ssh2 has freed the keys: nothing can be sent, and nobody is there to get it.
    if (this.#wire.socket.destroyed || this.#wire.protocol._cipher._dead === true) return;
    const cipher = gcmCipherOf(this.#wire);
    if (cipher === undefined) {
      this.flush();
      if (isStderr) this.#wire.protocol.channelExtData(channel, data, STDERR);
      else this.#wire.protocol.channelData(channel, data);
      return;
    }
    if (data.length + MAX_OVERHEAD_BYTES > slabs.size - this.#used) this.flush();
    this.#slab ??= slabs.take();
    this.#used += writePacket(this.#slab, this.#used, cipher, channel, data, isStderr);
  }

  /** Everything added is on its way when this returns; nothing else may be sent before. */
  flush(): void {
    const slab = this.#slab;
    if (slab === undefined) return;
    const bytes = slab.subarray(0, this.#used);
    this.#slab = undefined;
    this.#used = 0;
    const { socket } = this.#wire;
    if (socket.destroyed || !socket.writable) return;
    socket.write(bytes, () => slabs.give(slab));
  }
}

/** Returns the length of the packet. */
function writePacket(
  slab: Buffer,
  at: number,
  cipher: GcmCipher,
  channel: number,
  data: Buffer,
  isStderr: boolean,
): number {
  const payloadLength = (isStderr ? 13 : 9) + data.length;
  let padLength = BLOCK_BYTES - ((1 + payloadLength) & (BLOCK_BYTES - 1));
  if (padLength < 4) padLength += BLOCK_BYTES;
  const length = 1 + payloadLength + padLength;
  let p = slab.writeUInt32BE(length, at);
  p = slab.writeUInt8(padLength, p);
  p = slab.writeUInt8(isStderr ? MSG_CHANNEL_EXTENDED_DATA : MSG_CHANNEL_DATA, p);
  p = slab.writeUInt32BE(channel, p);
  if (isStderr) p = slab.writeUInt32BE(STDERR, p);
  p = slab.writeUInt32BE(data.length, p);
  slab.set(data, p);
  pad(slab, p + data.length, padLength);
  const total = 4 + length + TAG_BYTES;
  cipher._instance.encrypt(slab.subarray(at, at + total));
  cipher.outSeqno = (cipher.outSeqno + 1) >>> 0;
  return total;
}
