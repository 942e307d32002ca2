import { makeEvent, type EventRecord } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import type { SignedHead } from './format/encoder.ts';
import type { RecordingMeta } from './recorder.ts';

type RecordingEventType =
  | 'recording.started'
  | 'recording.anchored'
  | 'recording.finished'
  | 'recording.failed'
  | 'recording.recovered'
  | 'recording.erased';

/** Whose recording it is, as far as it is known: after a crash only the row is left. */
export type RecordingOwner = Pick<RecordingMeta, 'recordingId' | 'sessionId' | 'channelId'> &
  Partial<Pick<RecordingMeta, 'user' | 'asset' | 'account' | 'address'>>;

/** The id is derived from the recording and the change, so that a repeated report is one event. */
export function recordingEvent(
  type: RecordingEventType,
  owner: RecordingOwner,
  nowMs: number,
  data: JsonObject,
  distinction: string | number = '',
): EventRecord {
  const { recordingId, sessionId, channelId, user, asset, account, address } = owner;
  return makeEvent(type, derivedId(type, recordingId, distinction), nowMs, {
    session: sessionId,
    channel: channelId,
    ...(user === undefined ? {} : { user }),
    ...(asset === undefined ? {} : { asset }),
    ...(account === undefined ? {} : { account }),
    ...(address === undefined ? {} : { address }),
    data: { recording: recordingId, ...data },
  });
}

/** The head as the verifier needs it back: see `anchorFromEvent`. */
export function anchorEvent(owner: RecordingOwner, nowMs: number, head: SignedHead): EventRecord {
  return recordingEvent(
    'recording.anchored',
    owner,
    nowMs,
    {
      frame: head.frame,
      offset: head.offset,
      digest: head.digest.toString('hex'),
      signature: head.signature.toString('base64url'),
      wallMs: head.wallMs,
      final: head.final,
    },
    // With the digest: a head that was signed again after a crash is another fact than the lost one.
    `${String(head.frame)} ${head.digest.toString('hex')}`,
  );
}

/** A point of a recording that the event stream vouches for. */
export interface Anchor {
  readonly frame: number;
  /** SHA-256 as hex: the digest of all that is before the frame. */
  readonly digest: string;
}

/** The anchors among some events, for one recording. Foreign or damaged data is passed over. */
export function anchorsFromEvents(
  recordingId: string,
  events: readonly Pick<EventRecord, 'type' | 'data'>[],
): readonly Anchor[] {
  return events.flatMap(({ type, data }) => {
    const { recording, frame, digest } = data;
    if (type !== 'recording.anchored' || recording !== recordingId) return [];
    return typeof frame === 'number' && typeof digest === 'string' ? [{ frame, digest }] : [];
  });
}
