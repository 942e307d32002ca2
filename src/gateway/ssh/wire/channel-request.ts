import type { Channel } from 'ssh2';
import type { ConnectionWire } from './connection-wire.ts';
import type { ChannelOpenInfo, WireChannel } from './internals.ts';

/** SSH_MSG_CHANNEL_REQUEST (RFC 4254 section 5.4). */
const MSG_CHANNEL_REQUEST = 98;
/** SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254 section 5.1). */
const ADMINISTRATIVELY_PROHIBITED = 1;

/** Sends a channel request that ssh2 has no function for, without asking for a reply. */
export function sendChannelRequest(
  wire: ConnectionWire,
  channel: Channel,
  name: string,
  payload: Buffer,
): void {
  const { outgoing } = channel as unknown as WireChannel;
  if (outgoing.state !== 'open' && outgoing.state !== 'eof') return;
  const body = Buffer.alloc(1 + 4 + 4 + name.length + 1);
  body[0] = MSG_CHANNEL_REQUEST;
  body.writeUInt32BE(outgoing.id, 1);
  body.writeUInt32BE(name.length, 5);
  body.write(name, 9, 'latin1');
  const { protocol } = wire;
  const writer = protocol._packetRW.write;
  const packet = writer.alloc(body.length + payload.length);
  // 0 during a key exchange, when ssh2 queues payloads without their packet header.
  const start = writer.allocStart;
  packet.set(body, start);
  packet.set(payload, start + body.length);
  const finished = writer.finalize(packet);
  if (protocol._kexinit === undefined) protocol._cipher.encrypt(finished);
  else (protocol._queue ??= []).push(finished);
}

/** Listens for BREAK (RFC 4335), in milliseconds. ssh2's server drops it, and goes on answering it with "no". */
export function listenForBreaks(
  wire: ConnectionWire,
  breakRequested: (channel: number, lengthMs: number) => void,
): void {
  const handlers = wire.protocol._handlers;
  const original = handlers.CHANNEL_REQUEST;
  handlers.CHANNEL_REQUEST = (protocol, recipient, type, wantReply, data) => {
    if (type === 'break')
      breakRequested(recipient, Buffer.isBuffer(data) && data.length >= 4 ? data.readUInt32BE(0) : 0);
    original(protocol, recipient, type, wantReply, data);
  };
}

/**
 * A client closes a channel as soon as nothing more can come either way, but its command may still be ending,
 * and ssh2 answers a close at once: the exit status would have nowhere to go. What `wait` returns holds the
 * answer back.
 */
export function holdCloses(wire: ConnectionWire, wait: (channel: number) => Promise<void> | undefined): void {
  const handlers = wire.protocol._handlers;
  const original = handlers.CHANNEL_CLOSE;
  handlers.CHANNEL_CLOSE = (protocol, recipient) => {
    const reason = wait(recipient);
    if (reason === undefined) original(protocol, recipient);
    else void reason.then(() => original(protocol, recipient));
  };
}

/** Refuses channels with words: ssh2's own refusal is empty. What `refuse` gives no words for goes on. */
export function refuseChannels(
  wire: ConnectionWire,
  refuse: (info: ChannelOpenInfo) => string | undefined,
): void {
  const handlers = wire.protocol._handlers;
  const original = handlers.CHANNEL_OPEN;
  handlers.CHANNEL_OPEN = (protocol, info) => {
    const words = refuse(info);
    if (words === undefined) original(protocol, info);
    else protocol.channelOpenFail(info.sender, ADMINISTRATIVELY_PROHIBITED, words);
  };
}

/** The number by which the peer of a server channel names it in its requests. */
export function localChannelId(channel: Channel): number {
  return (channel as unknown as WireChannel).incoming.id;
}
