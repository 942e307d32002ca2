/** What is recorded of a channel. `input` is what the person typed, as it was forwarded to the asset. */
export type FrameKind = 'output' | 'error' | 'input' | 'resize' | 'mark';

export interface RecordingMeta {
  readonly recordingId: string;
  readonly sessionId: string;
  readonly channelId: string;
  readonly kind: 'shell' | 'exec';
  readonly user: string;
  readonly asset: string;
  readonly account: string;
  readonly address: string;
  readonly command: string | null;
  readonly terminal: { readonly columns: number; readonly rows: number; readonly type: string } | null;
  readonly startedAt: number;
}

/**
 * Writes one recording. Fail closed: bytes may be shown to a person, or sent to an asset, only after the
 * promise of `write` resolved. After a failure every later call fails too.
 */
export interface RecordingWriter {
  write(kind: FrameKind, data: Uint8Array): Promise<void>;
  /** Forces what was accepted to disk: at denials, and every second by itself. */
  sync(): Promise<void>;
  /** Writes the end record, signs, anchors and closes. */
  finish(reason: string): Promise<void>;
}

export interface Recorder {
  start(meta: RecordingMeta): Promise<RecordingWriter>;
}
