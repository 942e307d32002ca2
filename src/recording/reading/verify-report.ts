import type { Outcome } from '../format/end-payload.ts';

export type AlarmKind =
  /** The header is not the one that was written. */
  | 'header-changed'
  /** A frame was changed, or frames before it were removed, added or moved. */
  | 'frame-changed'
  /** The file ends within a frame. */
  | 'cut-off'
  /** There is no signature over the end, or none at all. */
  | 'signature-missing'
  | 'signature-wrong'
  /** Signed, but by another key than the one that is trusted. */
  | 'signer-unknown'
  /** Something follows the final signature. */
  | 'appended'
  /** The event stream vouches for another content. */
  | 'anchor-mismatch'
  /** The event stream knows more of it than there is. */
  | 'anchor-missing';

export interface Alarm {
  readonly kind: AlarmKind;
  /** Number of the first frame concerned, counted from 0; null for the header. */
  readonly frame: number | null;
  /** Byte at which that frame begins. */
  readonly offset: number;
  readonly message: string;
}

export interface VerifyReport {
  /** No alarm: every byte is as it was written. */
  readonly ok: boolean;
  readonly recording: string | null;
  readonly startedAt: number | null;
  readonly outcome: Outcome | 'unfinished';
  readonly reason: string | null;
  readonly bytes: number;
  /** Whole frames, in an unbroken chain from the beginning. */
  readonly frames: number;
  readonly durationMs: number;
  /** Bytes that a crash had left behind the last whole frame. */
  readonly tornBytes: number;
  /** The key that signed, as the file names it. */
  readonly signer: string | null;
  /** True when that key was given as the trusted one. False means: compare it yourself. */
  readonly signerTrusted: boolean;
  /** True when valid signatures cover it to the end (of what there is, while it is still being written). */
  readonly signed: boolean;
  readonly signatures: number;
  readonly anchorsChecked: number;
  readonly alarms: readonly Alarm[];
}

/** The report as lines for people. Nothing in it comes from what was recorded. */
export function describeReport(report: VerifyReport): readonly string[] {
  const alarms = report.alarms.map(({ frame, offset, message }) => {
    const place = frame === null ? 'header' : `frame ${String(frame)}, byte ${String(offset)}`;
    return `ALARM at ${place}: ${message}`;
  });
  const signer = report.signer ?? 'nobody';
  return [
    report.ok ? 'The recording is as it was written.' : 'THE RECORDING DOES NOT VERIFY.',
    ...alarms,
    `recording   ${report.recording ?? 'unknown'}`,
    `ended       ${ENDINGS[report.outcome]}${report.reason === null ? '' : ` (${report.reason})`}`,
    `length      ${String(report.frames)} frames, ${String(report.bytes)} bytes, ${String(report.durationMs)} ms`,
    ...(report.tornBytes > 0
      ? [`torn        ${String(report.tornBytes)} bytes after the last whole frame`]
      : []),
    `signatures  ${String(report.signatures)} by ${signer}${report.signerTrusted ? '' : ' (not compared with a trusted key)'}`,
    `anchors     ${String(report.anchorsChecked)} compared`,
  ];
}

const ENDINGS: Readonly<Record<VerifyReport['outcome'], string>> = {
  finished: 'in good order',
  failed: 'abnormally: it could not be written any more',
  abnormal: 'abnormally: the process that wrote it had ended',
  unfinished: 'not at all: it is still being written, or its end was removed',
};
