import type { KeyObject } from 'node:crypto';
import { PortcullisError } from '#contract/errors.ts';
import { decodeEndPayload, type EndPayload } from '../format/end-payload.ts';
import type { RecordingHeader } from '../format/header.ts';
import { isClear } from '../format/layout.ts';
import { decodeMeta } from '../format/meta-payload.ts';
import { decompressPayload, decryptPayload } from '../format/payload-cipher.ts';
import { isFrame, scanRecording, type FrameScanner, type ScannedFrame } from '../format/scan.ts';
import type { RecordingSource } from '../format/source.ts';
import type { FrameKind, RecordingMeta } from '../recorder.ts';

/** One piece of what was recorded, in order. */
export interface RecordedFrame {
  readonly index: number;
  readonly kind: FrameKind;
  /** Milliseconds since the start of the recording. */
  readonly atMs: number;
  readonly data: Buffer;
}

export interface ReadableRecording {
  readonly header: RecordingHeader;
  readonly meta: RecordingMeta;
  /** To the last whole frame. Throws E_RECORDING_DAMAGED, with the place, where something was changed. */
  readonly frames: AsyncIterable<RecordedFrame>;
  /** How it ended; undefined until the frames were read to the end, or when the end is missing. */
  readonly end: () => EndPayload | undefined;
}

/** Opens a recording with its data key. A recording that is still being written is read as far as it is. */
export async function readRecording(source: RecordingSource, key: KeyObject): Promise<ReadableRecording> {
  const opened = await scanRecording(source);
  if (opened.state === 'bad-header') throw damaged(`The header cannot be read: ${opened.what}`);
  const { header, scan } = opened;
  const first = await scan.next();
  if (!isFrame(first) || first.head.kind !== 'meta') throw damaged('It does not begin with who it is about');
  const meta = decodeMeta(openPayload(key, first));
  if (meta === undefined || meta.recordingId !== header.recording) {
    throw damaged('What stands at its beginning belongs to something else');
  }
  let end: EndPayload | undefined;
  const frames = readFrames(scan, key, (payload) => {
    end = payload;
  });
  return { header, meta, frames, end: () => end };
}

async function* readFrames(
  scan: FrameScanner,
  key: KeyObject,
  onEnd: (end: EndPayload | undefined) => void,
): AsyncGenerator<RecordedFrame> {
  for (;;) {
    const frame = await scan.next();
    if (!isFrame(frame)) {
      if (frame.state !== 'broken') return;
      const { frames, offset } = frame.position;
      throw damaged(`Frame ${String(frames)} at byte ${String(offset)} was changed: ${frame.what}`);
    }
    const { kind, atMs } = frame.head;
    if (kind === 'end') onEnd(decodeEndPayload(frame.payload));
    else if (kind !== 'head' && kind !== 'meta') {
      yield { index: frame.index, kind, atMs, data: openPayload(key, frame) };
    }
  }
}

/** The content of a frame that has been scanned. */
export function openPayload(key: KeyObject, frame: ScannedFrame): Buffer {
  const { head, headBytes, index, offset, payload, tag } = frame;
  if (isClear(head.kind)) return payload;
  const plain = decryptPayload(key, index, headBytes, payload, tag);
  const content = plain !== undefined && head.compressed ? decompressPayload(plain) : plain;
  if (content === undefined) {
    throw damaged(
      `Frame ${String(index)} at byte ${String(offset)} does not open: it was changed, or the key belongs to another recording`,
    );
  }
  return content;
}

function damaged(what: string): PortcullisError {
  return new PortcullisError(
    'E_RECORDING_DAMAGED',
    `The recording is damaged. ${what}. Run \`portcullis session verify\` on it for the whole report.`,
  );
}
