import { parseResize } from '../content.ts';
import type { ReadableRecording, RecordedFrame } from '../reading/read-recording.ts';
import type { FrameKind, RecordingMeta } from '../recorder.ts';
import { FrameTextDecoder } from './text-decoder.ts';

/** https://docs.asciinema.org/manual/asciicast/v2/ and /v3/ */
export type AsciicastVersion = 2 | 3;

const DEFAULT_SIZE = { columns: 80, rows: 24, type: '' };
const CODES: Readonly<Record<FrameKind, 'o' | 'i' | 'r' | 'm'>> = {
  output: 'o',
  // asciicast has one output stream; a terminal would have shown both.
  error: 'o',
  input: 'i',
  resize: 'r',
  mark: 'm',
};

/**
 * The recording as asciicast, line by line, each with its line end. The content is exported as it was: a
 * player must treat it as hostile.
 */
export async function* exportAsciicast(
  recording: Pick<ReadableRecording, 'meta' | 'frames'>,
  version: AsciicastVersion,
): AsyncGenerator<string> {
  yield line(version === 2 ? headerV2(recording.meta) : headerV3(recording.meta));
  const text = new FrameTextDecoder();
  let lastMs = 0;
  const event = (kind: FrameKind, atMs: number, content: string): string => {
    // Version 2 counts from the start, version 3 from the event before; both from whole milliseconds.
    const seconds = (version === 2 ? atMs : atMs - lastMs) / 1000;
    lastMs = atMs;
    return line([seconds, CODES[kind], content]);
  };
  for await (const frame of recording.frames) {
    const content = contentOf(frame, text);
    if (content !== '') yield event(frame.kind, frame.atMs, content);
  }
  for (const rest of text.flush()) yield event(rest.kind, lastMs, rest.text);
}

function contentOf(frame: RecordedFrame, text: FrameTextDecoder): string {
  if (frame.kind === 'resize')
    return parseResize(frame.data) === undefined ? '' : frame.data.toString('latin1');
  return text.decode(frame.kind, frame.data);
}

function headerV2(meta: RecordingMeta): object {
  const { columns, rows, type } = meta.terminal ?? DEFAULT_SIZE;
  return {
    version: 2,
    width: columns,
    height: rows,
    timestamp: Math.floor(meta.startedAt / 1000),
    title: title(meta),
    ...(meta.command === null ? {} : { command: meta.command }),
    ...(type === '' ? {} : { env: { TERM: type } }),
  };
}

function headerV3(meta: RecordingMeta): object {
  const { columns, rows, type } = meta.terminal ?? DEFAULT_SIZE;
  return {
    version: 3,
    term: { cols: columns, rows, ...(type === '' ? {} : { type }) },
    timestamp: Math.floor(meta.startedAt / 1000),
    title: title(meta),
    ...(meta.command === null ? {} : { command: meta.command }),
  };
}

function title(meta: RecordingMeta): string {
  return `${meta.user} as ${meta.account} on ${meta.asset}`;
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
