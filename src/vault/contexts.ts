/**
 * The contexts secrets are bound to. A secret sealed for one row cannot be opened as another, so whoever
 * seals and whoever opens must name the row the same way: here.
 */
export function accountContext(accountId: string): string {
  return `account:${accountId}`;
}

export function recordingKeyContext(recordingId: string): string {
  return `recording:${recordingId}`;
}

/** The private key with which the heads of recordings are signed. */
export const RECORDING_SIGNER_CONTEXT = 'recording-signer';
