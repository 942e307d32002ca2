import type { ConnectionWire } from './connection-wire.ts';

/** RFC 4253 section 9: new keys after an hour, or after a lot of data. */
const INTERVAL_MS = 3_600_000;
const BYTES = 16 * 1024 ** 3;
const LOOK_EVERY_MS = 60_000;

/** ssh2 never re-keys by itself. Start it only when the connection is authenticated: before, it breaks it. */
export function startRekeying(wire: ConnectionWire): Disposable {
  // Spread over the hour, so that many connections of one moment do not all re-key in another.
  let left = INTERVAL_MS * (0.5 + Math.random() / 2);
  let bytes = wire.socket.bytesRead + wire.socket.bytesWritten;
  const timer = setInterval(() => {
    left -= LOOK_EVERY_MS;
    const now = wire.socket.bytesRead + wire.socket.bytesWritten;
    if (left > 0 && now - bytes < BYTES) return;
    left = INTERVAL_MS;
    bytes = now;
    if (!wire.socket.destroyed) wire.protocol.rekey();
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
