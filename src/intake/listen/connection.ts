import type { Socket } from 'node:net';
import { Framer, type Framing } from '../framing/framer.ts';
import type { Frame } from '../framing/frame.ts';

export interface ConnectionOptions {
  readonly framing: Framing;
  readonly maxBytes: number;
  readonly idleMs: number;
  readonly hasRoom: () => boolean;
  readonly mayHold: (growth: number) => boolean;
  readonly onFrame: (frame: Frame) => void;
}

export interface Connection {
  readonly resume: () => void;
}

/** Reads frames from a connection until it ends. Without room it is not read, so the sender has to wait. */
export function readConnection(socket: Socket, options: ConnectionOptions): Connection {
  const { hasRoom, mayHold } = options;
  const framer = new Framer(options.framing, options.maxBytes, options.onFrame);
  let held = 0;
  let isPaused = false;
  const pauseWithoutRoom = (): void => {
    if (hasRoom()) return;
    isPaused = true;
    socket.pause();
  };
  socket.on('data', (chunk: Buffer) => {
    framer.push(chunk);
    const growth = framer.heldBytes - held;
    held += growth;
    if (!mayHold(growth)) socket.destroy();
    else pauseWithoutRoom();
  });
  socket.setTimeout(options.idleMs, () => {
    // One that we do not read is not idle.
    if (!isPaused) socket.destroy();
  });
  socket.once('close', () => {
    framer.end();
    mayHold(-held);
  });
  socket.resume();
  pauseWithoutRoom();
  return {
    resume() {
      if (!isPaused) return;
      isPaused = false;
      socket.resume();
    },
  };
}
