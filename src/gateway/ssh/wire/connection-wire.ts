import type { Client, Connection } from 'ssh2';
import { DataPackets } from './data-packets.ts';
import { wireConnection, type WireProtocol, type WireSocket } from './internals.ts';

/** More than this unsent in our process and channels wait: a peer that does not read costs no more memory. */
const SOCKET_HIGH_WATER_BYTES = 1024 * 1024;

/** What all channels of one SSH connection share: its socket and who waits for room in it. */
export class ConnectionWire {
  readonly protocol: WireProtocol;
  readonly socket: WireSocket;
  readonly packets = new DataPackets(this);
  #waiting: (() => void)[] = [];
  #listening = false;

  constructor(connection: Connection | Client) {
    const internals = wireConnection(connection);
    this.protocol = internals._protocol;
    this.socket = internals._sock;
  }

  get congested(): boolean {
    return this.socket.writableLength > SOCKET_HIGH_WATER_BYTES;
  }

  /** Calls once there is room again. */
  whenDrained(listener: () => void): void {
    this.#waiting.push(listener);
    if (this.#listening) return;
    this.#listening = true;
    this.socket.once('drain', () => {
      this.#listening = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const one of waiting) one();
    });
  }
}

const wires = new WeakMap<object, ConnectionWire>();

export function connectionWire(connection: Connection | Client): ConnectionWire {
  let wire = wires.get(connection);
  if (wire === undefined) {
    wire = new ConnectionWire(connection);
    wires.set(connection, wire);
  }
  return wire;
}
