import type { Socket } from 'node:net';
import type { Connection } from 'ssh2';
import { monotonicClock, type MonotonicClock } from '#lib/time.ts';

/** RFC 4253 section 9: after a gigabyte or an hour, whichever comes first. */
const REKEY_BYTES = 2 ** 30;
const REKEY_MS = 3_600_000;
/** Connections that began together do not exchange keys together. */
const SPREAD = 0.1;
const LOOK_EVERY_MS = 5_000;

interface Watched {
  readonly connection: Connection;
  readonly socket: Socket;
  dueAtMs: number;
  dueAtBytes: number;
}

export interface RekeyingOptions {
  readonly clock?: MonotonicClock;
  readonly random?: () => number;
  readonly lookEveryMs?: number;
  readonly afterMs?: number;
  readonly afterBytes?: number;
}

/** Renews the keys of connections in time; ssh2 never does it by itself. Only for connections that are logged in. */
export class Rekeying implements Disposable {
  readonly #watched = new Set<Watched>();
  readonly #timer: NodeJS.Timeout;
  readonly #clock: MonotonicClock;
  readonly #random: () => number;
  readonly #afterMs: number;
  readonly #afterBytes: number;

  constructor(options: RekeyingOptions = {}) {
    this.#clock = options.clock ?? monotonicClock;
    this.#random = options.random ?? Math.random;
    this.#afterMs = options.afterMs ?? REKEY_MS;
    this.#afterBytes = options.afterBytes ?? REKEY_BYTES;
    this.#timer = setInterval(() => this.look(), options.lookEveryMs ?? LOOK_EVERY_MS).unref();
  }

  /** Watches until the connection closes. Before login a new key exchange would break the login. */
  watch(connection: Connection, socket: Socket): void {
    const watched: Watched = { connection, socket, dueAtMs: 0, dueAtBytes: 0 };
    this.#postpone(watched);
    this.#watched.add(watched);
    // Also when the client began the exchange.
    connection.on('rekey', () => this.#postpone(watched));
    connection.once('close', () => this.#watched.delete(watched));
  }

  look(): void {
    const nowMs = this.#clock();
    for (const watched of this.#watched) {
      if (nowMs < watched.dueAtMs && bytesOf(watched.socket) < watched.dueAtBytes) continue;
      this.#postpone(watched);
      if (!watched.socket.destroyed) watched.connection.rekey();
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  #postpone(watched: Watched): void {
    const share = 1 - this.#random() * SPREAD;
    watched.dueAtMs = this.#clock() + this.#afterMs * share;
    watched.dueAtBytes = bytesOf(watched.socket) + this.#afterBytes * share;
  }
}

function bytesOf(socket: Socket): number {
  return socket.bytesRead + socket.bytesWritten;
}
