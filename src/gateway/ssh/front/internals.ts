import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type { Connection, Server } from 'ssh2';

/**
 * The parts of ssh2 1.17.0 below its public face that logging in stands on, in one place. The version is pinned
 * exactly, and the tests in `test/gateway-login` fail when one of them is not as described here.
 */
interface ConnectionInternals {
  readonly _sock: Socket;
  readonly _protocol: ProtocolInternals;
}

interface ProtocolInternals {
  /** Takes each decrypted message; read by the key exchange when it makes a decipher. */
  _onPayload: (payload: Buffer) => unknown;
  /** Methods of the authentication requests not answered yet. An abandoned one is left there for ever. */
  readonly _authsQueue: string[];
  /** Undefined once the connection was ended for a protocol error. */
  readonly _destruct: unknown;
  readonly _packetRW: {
    readonly write: {
      readonly allocStartKEX: number;
      alloc(size: number, force: boolean): Buffer;
      finalize(packet: Buffer, force: boolean): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
}

type FatalError = (protocol: ProtocolInternals, message: string, level: string, reason: number) => unknown;

const require = createRequire(import.meta.url);
const { doFatalError } = require('ssh2/lib/protocol/utils.js') as { readonly doFatalError: FatalError };

/** SSH_MSG_DISCONNECT and its reasons (RFC 4253 section 11.1). */
const MSG_DISCONNECT = 1;
export const REASON_PROTOCOL_ERROR = 2;
export const REASON_BY_APPLICATION = 11;

function internals(connection: Connection): ConnectionInternals {
  return connection as unknown as ConnectionInternals;
}

/** The socket a connection runs on: how a connection is matched to what is known about its client. */
export function socketOf(connection: Connection): Socket {
  return internals(connection)._sock;
}

/**
 * Gives a socket to ssh2 after our identification was already sent on it. ssh2 sends its own first thing; that one
 * write is swallowed. The texts are the same, which the key exchange depends on.
 */
export function injectIdentified(server: Server, socket: Socket): void {
  socket.write = () => Reflect.deleteProperty(socket, 'write');
  server.injectSocket(socket);
}

/**
 * Puts a judge in front of every encrypted message. Must be called when ssh2 announces the connection, before keys
 * are exchanged. A message with an objection ends the connection.
 */
export function judgeMessages(
  connection: Connection,
  inspect: (payload: Buffer) => string | undefined,
): void {
  const protocol = internals(connection)._protocol;
  const pass = protocol._onPayload;
  protocol._onPayload = (payload) => {
    const objection = inspect(payload);
    return objection === undefined
      ? pass(payload)
      : doFatalError(protocol, objection, 'protocol', REASON_PROTOCOL_ERROR);
  };
}

/** An authentication request was abandoned for a new one: takes it out of the queue that ssh2 keeps of them. */
export function forgetAbandonedRequest(connection: Connection): void {
  internals(connection)._protocol._authsQueue.shift();
}

/** Whether something can still be sent: not after a protocol error, nor after the client hung up. */
export function canAnswer(connection: Connection): boolean {
  const { _protocol: protocol, _sock: socket } = internals(connection);
  return protocol._destruct !== undefined && socket.writable;
}

/** Ends a connection with words for the person; ssh2's own disconnect has none. Quiet when it is already ending. */
export function disconnect(connection: Connection, reason: number, text: string): void {
  const { _protocol: protocol, _sock: socket } = internals(connection);
  if (canAnswer(connection)) {
    const words = Buffer.from(text, 'utf8');
    const message = Buffer.alloc(1 + 4 + 4 + words.length + 4);
    message[0] = MSG_DISCONNECT;
    message.writeUInt32BE(reason, 1);
    message.writeUInt32BE(words.length, 5);
    message.set(words, 9);
    const writer = protocol._packetRW.write;
    const start = writer.allocStartKEX;
    const packet = writer.alloc(message.length, true);
    packet.set(message, start);
    protocol._cipher.encrypt(writer.finalize(packet, true));
  }
  socket.destroySoon();
}
