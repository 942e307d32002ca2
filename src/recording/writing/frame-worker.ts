import { sign } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import type { HeadSigner } from '../format/head-payload.ts';
import { FrameFile, type FrameEntry } from './frame-file.ts';
import type { EntryNote, FrameThreadSetup, FromFrameThread, ToFrameThread } from './frame-messages.ts';
import { SyncLanes } from './sync-lanes.ts';

/**
 * The recording thread: compresses, encrypts, hashes, signs and writes, so that the thread that carries
 * sessions does none of it. It holds no state of its own beyond open files.
 */
/** Two of the four threads of the pool, so that writes always find one. */
const SYNC_LANES = 2;

const { publicKey, privateKey, syncEveryMs } = workerData as FrameThreadSetup;
const signer: HeadSigner = { publicKey, sign: (data) => sign(null, data, privateKey) };
const lanes = new SyncLanes(SYNC_LANES);
const files = new Map<number, FrameFile>();

function tell(message: FromFrameThread, transfer: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function open(message: Extract<ToFrameThread, { type: 'open' }>): void {
  const { file, fd, key, start } = message;
  const frames = new FrameFile({
    fd,
    key,
    signer,
    lanes,
    start: { ...start, digest: Buffer.from(start.digest) },
    onAccepted: ({ entries, position, heads, buffers }) =>
      tell({ type: 'accepted', file, entries, frames: position.frames, heads, buffers }, buffers),
    onFailure: (error) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : '';
      tell({ type: 'failed', file, code, message: error instanceof Error ? error.message : String(error) });
    },
  });
  files.set(file, frames);
}

async function handle(message: ToFrameThread): Promise<void> {
  if (message.type === 'open') {
    open(message);
    return;
  }
  const { file } = message;
  const frames = files.get(file);
  if (frames === undefined) return;
  if (message.type === 'append') frames.append(entriesOf(message.entries, message.content));
  else if (message.type === 'sync') {
    // Without an answer the failure tells.
    if (await frames.sync()) tell({ type: 'synced', file, call: message.call });
  } else {
    files.delete(file);
    tell({ type: 'stopped', file, position: await frames.stop() });
  }
}

function entriesOf(notes: readonly EntryNote[], content: ArrayBuffer): readonly FrameEntry[] {
  let at = 0;
  const lastContent = notes.findLastIndex((note) => 'bytes' in note);
  return notes.map((note, n) => {
    if (note.kind === 'end' || note.kind === 'head') return note;
    const data = new Uint8Array(content, at, note.bytes);
    at += note.bytes;
    return { kind: note.kind, atMs: note.atMs, data, lastOf: n === lastContent ? content : undefined };
  });
}

parentPort?.on('message', (message: ToFrameThread) => void handle(message));

setInterval(() => {
  for (const frames of files.values()) void frames.syncAccepted();
}, syncEveryMs).unref();
