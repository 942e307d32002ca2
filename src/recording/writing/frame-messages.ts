import type { KeyObject } from 'node:crypto';
import type { EndPayload } from '../format/end-payload.ts';
import type { SignedHead } from '../format/encoder.ts';
import type { StoredKind } from '../format/layout.ts';

/** What the session thread and the recording thread say to each other. One file has one number. */
export type ToFrameThread =
  | {
      readonly type: 'open';
      readonly file: number;
      readonly fd: number;
      readonly key: KeyObject;
      readonly start: Position;
    }
  /** Content of the entries lies one after the other in the buffer, which changes hands. */
  | {
      readonly type: 'append';
      readonly file: number;
      readonly entries: readonly EntryNote[];
      readonly content: ArrayBuffer;
    }
  /** Answered when everything that was appended before is on the disk. */
  | { readonly type: 'sync'; readonly file: number; readonly call: number }
  /** Takes nothing more, and says when no call on the file is under way. */
  | { readonly type: 'stop'; readonly file: number };

export type FromFrameThread =
  | {
      readonly type: 'accepted';
      readonly file: number;
      readonly entries: number;
      readonly frames: number;
      readonly heads: readonly SignedHead[];
      /** Content buffers that are free again. */
      readonly buffers: readonly ArrayBuffer[];
    }
  | { readonly type: 'synced'; readonly file: number; readonly call: number }
  /** The first error; `stopped` follows when nothing is under way any more. */
  | { readonly type: 'failed'; readonly file: number; readonly code: string; readonly message: string }
  | { readonly type: 'stopped'; readonly file: number; readonly position: Position };

/** As ChainPosition, in a form that crosses threads: a Buffer arrives as a Uint8Array. */
export interface Position {
  readonly frames: number;
  readonly offset: number;
  readonly digest: Uint8Array;
}

export type EntryNote =
  | { readonly kind: ContentKind; readonly atMs: number; readonly bytes: number }
  | { readonly kind: 'end'; readonly atMs: number; readonly end: EndPayload }
  | { readonly kind: 'head'; readonly atMs: number; readonly wallMs: number; readonly final: boolean };

export type ContentKind = Exclude<StoredKind, 'end' | 'head'>;

/** Given to the recording thread when it is made. */
export interface FrameThreadSetup {
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  readonly syncEveryMs: number;
}
