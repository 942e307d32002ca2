import type { Connection } from 'ssh2';

/** How long a client may take to show its last words and close its channels. */
const SHOW_MS = 1_000;
/** How long it may then take to hang up by itself, and to hear that we do. */
const CLOSE_MS = 50;

export interface HangUpOptions {
  readonly connection: Pick<Connection, 'end'>;
  readonly socket: { destroy(): void };
  /** Aborts when the connection is gone. */
  readonly closed: AbortSignal;
  /** Resolves when the client has closed its last channel. */
  readonly channelsClosed: Promise<void>;
}

/**
 * Ends a connection on which nothing passes any more. A client closes a channel once it has shown what came on
 * it, but leaves at once, without showing the rest, when it is told to disconnect: so it goes first if it does
 * so in time. Resolves when the socket is gone.
 */
export async function hangUp({ connection, socket, closed, channelsClosed }: HangUpOptions): Promise<void> {
  await untilClosed(closed, SHOW_MS, channelsClosed);
  await untilClosed(closed, CLOSE_MS);
  if (closed.aborted) return;
  connection.end();
  await untilClosed(closed, CLOSE_MS);
  socket.destroy();
}

/** Waits until the connection is gone, or something else happens, or the time is up. */
export async function untilClosed(
  closed: AbortSignal,
  patienceMs: number,
  sooner?: Promise<void>,
): Promise<void> {
  if (closed.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => resolve();
  const timer = setTimeout(done, patienceMs);
  closed.addEventListener('abort', done, { once: true });
  void sooner?.then(done);
  await promise;
  clearTimeout(timer);
  closed.removeEventListener('abort', done);
}
