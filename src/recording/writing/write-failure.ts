import { PortcullisError } from '#contract/errors.ts';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

export function isDiskFull(error: unknown): boolean {
  return FULL.has(errorCode(error));
}

/** A stable word for the end record. */
export function failureReason(error: unknown): string {
  if (isDiskFull(error)) return 'disk-full';
  return 'write-error';
}

/** What people are told whose session ends with the recording. */
export function writeFailure(error: unknown): PortcullisError {
  if (error instanceof PortcullisError) return error;
  const message = isDiskFull(error)
    ? 'The recording cannot be written: the disk is full. The session ends, because nothing may happen unrecorded. Free space in dataDir, then connect again.'
    : `The recording cannot be written (${errorCode(error) || 'unknown error'}). The session ends, because nothing may happen unrecorded. Check the disk under dataDir, then connect again.`;
  return new PortcullisError('E_RECORDING_WRITE', message, { cause: error });
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
