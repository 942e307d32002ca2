import type { KeyObject } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { Archive } from '#archive/archive.ts';
import type { RecordingService } from '#api/services.ts';
import { PortcullisError } from '#contract/errors.ts';
import { exportAsciicast } from '#recording/playback/asciicast.ts';
import { dataKey } from '#recording/format/payload-cipher.ts';
import { openSource, type RecordingSource } from '#recording/format/source.ts';
import { anchorsFromEvents, type Anchor } from '#recording/events.ts';
import {
  readRecording,
  type ReadableRecording,
  type RecordedFrame,
} from '#recording/reading/read-recording.ts';
import { verifyRecording } from '#recording/reading/verify-recording.ts';
import type { RecordingStore } from '#recording/store.ts';
import { findRecording } from '#state/session-reader.ts';
import type { RecordingRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import { recordingKeyContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';

export interface RecordingAccess {
  readonly state: State;
  readonly store: RecordingStore;
  readonly vault: Vault;
  readonly signerPublicKey: string;
  readonly archive: Pick<Archive, 'search'>;
}

/** Reading recordings for the API: rows, files and keys brought together. */
export function composeRecordings(options: RecordingAccess): RecordingService {
  const { state, store, vault, signerPublicKey } = options;
  const find = async (recordingId: string): Promise<RecordingRow> => {
    const row = await findRecording(state.reader, recordingId);
    if (row === undefined) throw new PortcullisError('E_NOT_FOUND', 'There is no such recording.');
    return row;
  };
  return {
    async openRaw(recordingId) {
      const row = await find(recordingId);
      return createReadStream(store.pathOf(row.file));
    },
    async exportAsciicast(recordingId, { version, input }) {
      const row = await find(recordingId);
      if (row.sealedKey === null) {
        throw new PortcullisError(
          'E_NOT_FOUND',
          'The key of this recording was deleted; nobody can read it any more.',
        );
      }
      const key = dataKey(vault.openBytes(row.sealedKey, recordingKeyContext(row.id)).expose());
      const source = await openSource(store.pathOf(row.file));
      const recording = await readOrClose(source, key);
      const frames = input ? recording.frames : withoutInput(recording.frames);
      const lines = Readable.from(exportAsciicast({ meta: recording.meta, frames }, version));
      lines.once('close', () => void source[Symbol.asyncDispose]());
      return lines;
    },
    async verify(recordingId) {
      const row = await find(recordingId);
      // Before the file is opened: one that is still written would be behind what was anchored since.
      const anchors = await findAnchors(options, row);
      await using source = await openSource(store.pathOf(row.file));
      const report = await verifyRecording(source, {
        publicKey: signerPublicKey,
        anchors,
        live: row.state === 'open',
      });
      const [alarm] = report.alarms;
      const place =
        alarm === undefined || alarm.frame === null ? '' : ` (frame ${alarm.frame}, byte ${alarm.offset})`;
      return {
        id: row.id,
        intact: report.ok,
        complete: report.outcome === 'finished',
        signed: report.signed,
        anchors: anchors === undefined ? 'unavailable' : 'checked',
        frames: report.frames,
        bytes: report.bytes,
        problem: alarm === undefined ? null : `${alarm.message}${place}`,
      };
    },
  };
}

/** What cannot be read is closed here; what can be is closed with the stream it is read through. */
async function readOrClose(source: RecordingSource, key: KeyObject): Promise<ReadableRecording> {
  try {
    return await readRecording(source, key);
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

async function* withoutInput(frames: AsyncIterable<RecordedFrame>): AsyncGenerator<RecordedFrame> {
  for await (const frame of frames) if (frame.kind !== 'input') yield frame;
}

const MOST_ANCHORS = 10_000;

/** Signed heads that left the recording's folder long ago. Without the archive the file must speak for itself. */
async function findAnchors(
  { archive }: RecordingAccess,
  row: RecordingRow,
): Promise<readonly Anchor[] | undefined> {
  try {
    const events = await archive.search({
      type: 'recording.anchored',
      session: row.sessionId,
      limit: MOST_ANCHORS,
    });
    return anchorsFromEvents(row.id, events);
  } catch {
    return undefined;
  }
}
