/**
 * The engine process: opens the archive's files and answers on the connections that the server hands over.
 * It ends with the server: a closed channel, however it came about, closes the files and ends the process.
 */
import { writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { engineArguments } from './engine-arguments.ts';
import { EngineDatabase } from './engine-database.ts';
import { ALIVE_EVERY_MS, type FromEngine, type ToEngine } from './engine-messages.ts';
import { createHttpFace } from './http-face.ts';

/** Longer than any statement that is worth waiting for; the files survive being cut off. */
const LAST_STATEMENTS_MS = 10_000;

let face: Server | undefined;
let database: EngineDatabase | undefined;
let stopping = false;

function tell(message: FromEngine): void {
  if (process.connected) process.send?.(message);
}

/** Sessions of people matter more than searches: this process yields, and is the first to go without memory. */
function yieldToOthers(): void {
  try {
    setPriority(3);
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Not Linux, or not allowed: the order of going is a wish, not a promise.
  }
}

async function start(message: Extract<ToEngine, { kind: 'start' }>): Promise<void> {
  yieldToOthers();
  try {
    database = new EngineDatabase(message.path, engineArguments(message));
    const version = await database.version();
    face = createHttpFace({ database, version, username: message.username, password: message.password });
    tell({ kind: 'ready', version });
    const report = (): void => tell({ kind: 'alive', rssBytes: process.memoryUsage.rss() });
    setInterval(report, ALIVE_EVERY_MS).unref();
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
    await stop();
  }
}

/** Undefined when the client was gone before it was sent. */
function accept(socket: Socket | undefined): void {
  tell({ kind: 'connected' });
  if (socket === undefined) return;
  if (face === undefined || stopping) {
    socket.destroy();
    return;
  }
  face.emit('connection', socket);
  // It was accepted, and paused, in the other process.
  socket.resume();
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LAST_STATEMENTS_MS).unref();
  face?.closeAllConnections();
  await database?.[Symbol.asyncDispose]();
  if (process.connected) process.disconnect();
}

// A terminal sends these to the whole group; when to end is for the server to say, after its last batch.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
process.on('SIGTERM', () => void stop());
process.on('disconnect', () => void stop());
process.on('message', (message: ToEngine, handle?: Socket) => {
  if (message.kind === 'start') void start(message);
  else if (message.kind === 'stop') void stop();
  else accept(handle);
});
