import type { KeyObject } from 'node:crypto';
import { PortcullisError } from '#contract/errors.ts';
import type { Anchor } from '../events.ts';
import { decodeEndPayload, type EndPayload } from '../format/end-payload.ts';
import { decodeHeadPayload, isHeadSignedBy, signerPublicKey } from '../format/head-payload.ts';
import { frameBytes } from '../format/layout.ts';
import { isFrame, scanRecording, type ScanEnd, type ScannedFrame } from '../format/scan.ts';
import type { RecordingSource } from '../format/source.ts';
import type { Alarm, AlarmKind, VerifyReport } from './verify-report.ts';

export interface VerifyOptions {
  /** The trusted Ed25519 key, base64url. Without it a forger who replaced file and key goes unnoticed. */
  readonly publicKey?: string | undefined;
  /** What the event stream vouches for: also notices what the holder of the key has changed. */
  readonly anchors?: readonly Anchor[] | undefined;
  /**
   * True when the state says that it is still being written: then a missing end and a torn last frame are no
   * alarm, and what has been signed so far is checked.
   */
  readonly live?: boolean | undefined;
}

/**
 * Checks every byte of a recording without any secret: the digest of each frame, the chain, the signatures,
 * the anchors. The absence of a signature is an alarm like a wrong one.
 */
export async function verifyRecording(
  source: RecordingSource,
  options: VerifyOptions = {},
): Promise<VerifyReport> {
  const trustedKey = options.publicKey === undefined ? undefined : parsedKey(options.publicKey);
  if (options.publicKey !== undefined && trustedKey === undefined) {
    throw new PortcullisError(
      'E_INPUT',
      'The public key is not one: it must be the base64url of 32 bytes, as the report of a recording shows it.',
    );
  }
  const opened = await scanRecording(source);
  if (opened.state === 'bad-header') return unreadable(source.bytes, opened.what);
  const { header, scan } = opened;
  const key = trustedKey ?? parsedKey(header.signer);
  if (key === undefined) return unreadable(source.bytes, 'the header names a signing key that is none');
  const check = new RecordingCheck(key, options.anchors ?? [], options.live ?? false);
  if (options.publicKey !== undefined && options.publicKey !== header.signer) {
    check.alarm(
      'signer-unknown',
      null,
      0,
      `it names the signing key ${header.signer}, which is not the trusted one`,
    );
  }
  for (;;) {
    const item = await scan.next();
    if (!isFrame(item))
      return check.report(item, {
        ...header,
        bytes: source.bytes,
        trusted: options.publicKey === header.signer,
      });
    check.frame(item);
  }
}

class RecordingCheck {
  readonly #key: KeyObject;
  readonly #live: boolean;
  readonly #anchors: ReadonlyMap<number, readonly string[]>;
  readonly #alarms: Alarm[] = [];
  #anchorsMet = 0;
  #signatures = 0;
  #badSignature = false;
  /** The frame after the last valid signature, which covers all before. */
  #unsignedFrom = { frame: 0, offset: 0 };
  #end: EndPayload | undefined;
  #final = false;
  #lastMs = 0;

  constructor(key: KeyObject, anchors: readonly Anchor[], live: boolean) {
    this.#key = key;
    this.#live = live;
    const byFrame = new Map<number, string[]>();
    for (const { frame, digest } of anchors) byFrame.set(frame, [...(byFrame.get(frame) ?? []), digest]);
    this.#anchors = byFrame;
  }

  alarm(kind: AlarmKind, frame: number | null, offset: number, message: string): void {
    this.#alarms.push({ kind, frame, offset, message });
  }

  frame(frame: ScannedFrame): void {
    const { index, offset, head } = frame;
    if (this.#final) {
      this.alarm('appended', index, offset, 'a frame follows the final signature');
      this.#final = false;
    }
    this.#compareAnchors(frame);
    this.#lastMs = head.atMs;
    if (head.kind === 'end') this.#end = decodeEndPayload(frame.payload);
    else if (head.kind === 'head') this.#signature(frame);
  }

  report(
    stop: ScanEnd,
    file: { recording: string; startedAt: number; signer: string; bytes: number; trusted: boolean },
  ): VerifyReport {
    const { frames, offset } = stop.position;
    if (stop.state === 'broken') {
      const message = `${stop.what}: it was changed, or frames before it were removed, added or moved`;
      this.alarm(this.#final ? 'appended' : 'frame-changed', frames, offset, message);
    } else if (stop.state === 'torn' && !this.#live) {
      this.alarm(
        'cut-off',
        frames,
        offset,
        `${stop.what}, ${String(stop.remainingBytes)} bytes after its beginning`,
      );
    }
    if (!this.#final && !this.#live && stop.state !== 'broken') {
      const { frame, offset: from } = this.#unsignedFrom;
      const message =
        this.#signatures === 0
          ? 'there is no signature at all'
          : 'from here on nothing is signed: the final signature is missing';
      this.alarm('signature-missing', frame, from, message);
    }
    for (const frame of this.#anchors.keys()) {
      if (frame < frames) continue;
      const message = `the event stream knows of frame ${String(frame)}: what follows was removed`;
      this.alarm('anchor-missing', frames, offset, message);
      break;
    }
    const alarms = this.#alarms;
    return {
      ok: alarms.length === 0,
      recording: file.recording,
      startedAt: file.startedAt,
      outcome: this.#end?.outcome ?? 'unfinished',
      reason: this.#end?.reason ?? null,
      bytes: file.bytes,
      frames,
      durationMs: this.#lastMs,
      tornBytes: this.#end?.tornBytes ?? 0,
      signer: file.signer,
      signerTrusted: file.trusted,
      signed: this.#signatures > 0 && (this.#final || this.#live) && !this.#badSignature,
      signatures: this.#signatures,
      anchorsChecked: this.#anchorsMet,
      alarms,
    };
  }

  #compareAnchors({ index, offset, previousDigest }: ScannedFrame): void {
    for (const digest of this.#anchors.get(index) ?? []) {
      if (digest === previousDigest.toString('hex')) this.#anchorsMet += 1;
      else {
        const message =
          'the event stream vouches for another content up to here: the recording was replaced or rewritten';
        this.alarm('anchor-mismatch', index, offset, message);
      }
    }
  }

  #signature(frame: ScannedFrame): void {
    const { index, offset, headBytes, previousDigest, payload } = frame;
    const fields = decodeHeadPayload(payload);
    if (fields === undefined || !isHeadSignedBy(this.#key, previousDigest, headBytes, payload)) {
      const { frame: from } = this.#unsignedFrom;
      const message = `the signature does not fit: something between frame ${String(from)} and here was rewritten`;
      this.#badSignature = true;
      this.alarm('signature-wrong', index, offset, message);
      return;
    }
    this.#signatures += 1;
    this.#final = fields.final;
    this.#unsignedFrom = { frame: index + 1, offset: offset + frameBytes(frame.head) };
  }
}

function parsedKey(publicKey: string): KeyObject | undefined {
  try {
    return signerPublicKey(publicKey);
  } catch {
    return undefined;
  }
}

function unreadable(bytes: number, what: string): VerifyReport {
  return {
    ok: false,
    recording: null,
    startedAt: null,
    outcome: 'unfinished',
    reason: null,
    bytes,
    frames: 0,
    durationMs: 0,
    tornBytes: 0,
    signer: null,
    signerTrusted: false,
    signed: false,
    signatures: 0,
    anchorsChecked: 0,
    alarms: [{ kind: 'header-changed', frame: null, offset: 0, message: what }],
  };
}
