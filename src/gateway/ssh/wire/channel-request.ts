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

export interface ExtraRequests {
  /** RFC 4335: the person asks for a BREAK of so many milliseconds. */
  breakRequested(recipient: number, lengthMs: number): void;
  /** OpenSSH `eow@openssh.com`: the person's side does not read any more. */
  readerGone(recipient: number): void;
}

/** Listens for the channel requests that ssh2's server drops. It still answers them itself, with "no". */
export function listenForExtraRequests(wire: ConnectionWire, extra: ExtraRequests): void {
  const handlers = wire.protocol._handlers;
  const original = handlers.CHANNEL_REQUEST;
  handlers.CHANNEL_REQUEST = (protocol, recipient, type, wantReply, data) => {
    if (type === 'break')
      extra.breakRequested(recipient, Buffer.isBuffer(data) && data.length >= 4 ? data.readUInt32BE(0) : 0);
    else if (type === 'eow@openssh.com') extra.readerGone(recipient);
    original(protocol, recipient, type, wantReply, data);
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
