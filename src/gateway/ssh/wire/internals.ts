import type { Connection, Client } from 'ssh2';

/**
 * The parts of ssh2 1.17.0 below its public face that the gateway stands on, in one place. They are needed
 * because a stream of ssh2 neither tells when the socket is full, nor lets two parts of a channel share one
 * order, nor bounds what a peer that ignores its window can make us hold. The version is pinned exactly and
 * `channel-port.test.ts` proves each assumption.
 */
export interface WireProtocol {
  channelData(channel: number, data: Uint8Array): void;
  channelExtData(channel: number, data: Uint8Array, type: number): void;
  channelWindowAdjust(channel: number, amount: number): void;
  channelEOF(channel: number): void;
  channelClose(channel: number): void;
  channelOpenFail(remote: number, reason: number, description: string): void;
  exitStatus(channel: number, status: number): void;
  exitSignal(channel: number, name: string, coreDumped: boolean, message: string): void;
  disconnect(reason: number): void;
  rekey(): void;
  readonly _kexinit: unknown;
  readonly _handlers: WireHandlers;
  /** Taken up by each key exchange for the packets that follow it. */
  _onPayload: (payload: Uint8Array) => unknown;
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(size: number): Buffer;
      finalize(packet: Buffer): Buffer;
    };
  };
  /** `_packet`: ciphertext that is complete but for its tag, or in part. */
  readonly _decipher: { _packet?: Uint8Array | null } | undefined;
  /** `_dead` once its keys were freed with the connection. */
  readonly _cipher: { encrypt(packet: Buffer): void; readonly _dead?: boolean };
  _queue: Buffer[] | undefined;
}

export interface ChannelOpenInfo {
  readonly type: string;
  readonly sender: number;
  readonly data: { readonly destIP?: string; readonly destPort?: number; readonly socketPath?: string };
}

export interface WireHandlers {
  CHANNEL_OPEN: (protocol: WireProtocol, info: ChannelOpenInfo) => void;
  CHANNEL_CLOSE: (protocol: WireProtocol, recipient: number) => void;
  CHANNEL_REQUEST: (
    protocol: WireProtocol,
    recipient: number,
    type: string,
    wantReply: boolean,
    data: unknown,
  ) => void;
}

export interface WireSocket {
  readonly writableLength: number;
  readonly destroyed: boolean;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  setNoDelay?(on: boolean): void;
  readonly writable: boolean;
  write(bytes: Uint8Array, written: () => void): boolean;
  cork(): void;
  uncork(): void;
  end(): void;
  destroy(): void;
  once(event: 'drain' | 'close', listener: () => void): void;
}

interface Direction {
  readonly id: number;
  window: number;
  readonly packetSize: number;
  state: 'open' | 'eof' | 'closing' | 'closed';
}

export interface WireChannel {
  readonly incoming: Direction;
  readonly outgoing: Direction;
  readonly readableLength: number;
  readonly readableEnded: boolean;
  readonly stderr: WireStderr;
  push(chunk: Buffer | null): boolean;
  read(): Buffer | null;
  resume(): unknown;
  close(): void;
  on(event: 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Set: the next window adjustment calls `_chunkcb`. */
  _waitWindow: boolean;
  _chunkcb: (() => void) | undefined;
}

/** On a client channel a readable, on a server channel a writable that we never write to. */
export interface WireStderr {
  readonly readableLength?: number;
  push?(chunk: Buffer | null): boolean;
  read?(): Buffer | null;
  resume?(): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

export interface WireConnection {
  readonly _protocol: WireProtocol;
  readonly _sock: WireSocket;
}

export function wireConnection(connection: Connection | Client): WireConnection {
  return connection as unknown as WireConnection;
}
