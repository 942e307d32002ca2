import { setTimeout as delay } from 'node:timers/promises';
import { parseResize } from '../content.ts';
import type { RecordedFrame } from '../reading/read-recording.ts';
import { TerminalSanitiser } from './terminal-sanitiser.ts';
import { FrameTextDecoder } from './text-decoder.ts';

export interface ReplayOptions {
  /** Takes text for the terminal; what it resolves with is waited for. */
  readonly write: (text: string) => void | Promise<void>;
  /** 2 is twice as fast. Infinity shows everything at once. */
  readonly speed?: number;
  /** No pause is longer than this, before the speed is applied. */
  readonly idleLimitMs?: number;
  readonly signal?: AbortSignal;
  /** The size the terminal had: a person's own terminal is never resized. */
  readonly onResize?: (columns: number, rows: number) => void;
  readonly onMark?: (text: string) => void;
  /** A parameter for tests. */
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Soft reset, main screen, cursor, colours: whatever the recording did, the terminal is usable afterwards. */
const RESET = '\u001B[!p\u001B[?1049l\u001B[?5l\u001B[?7h\u001B[?25h\u001B[0m\r\n';

/** Shows a recording on a person's terminal, in its own time, with everything hostile removed. */
export async function replayFrames(
  frames: AsyncIterable<RecordedFrame>,
  options: ReplayOptions,
): Promise<void> {
  const { write, speed = 1, idleLimitMs = Infinity, signal, onResize, onMark, wait = pause } = options;
  const text = new FrameTextDecoder();
  const sanitiser = new TerminalSanitiser();
  let lastMs = 0;
  try {
    for await (const { kind, atMs, data } of frames) {
      signal?.throwIfAborted();
      const ms = Math.min(atMs - lastMs, idleLimitMs) / speed;
      lastMs = atMs;
      if (ms >= 1) await wait(ms, signal);
      if (kind === 'output' || kind === 'error') {
        const shown = sanitiser.push(text.decode(kind, data));
        if (shown !== '') await write(shown);
      } else if (kind === 'resize') {
        const size = parseResize(data);
        if (size !== undefined) onResize?.(size.columns, size.rows);
      } else if (kind === 'mark') onMark?.(data.toString('utf8'));
    }
  } finally {
    await write(RESET);
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal });
}
