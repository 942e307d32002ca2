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

/** The secret that a user shares with an authenticator. */
export function secondFactorContext(userId: string): string {
  return `second-factor:${userId}`;
}

/** The secret with which an access key signs requests. */
export function accessKeyContext(tokenId: string): string {
  return `access-key:${tokenId}`;
}

/** The key from which the secrets of enrolment pages are derived. */
export const ENROLMENT_KEY_CONTEXT = 'enrolment-key';
/** Under which the state keeps it. */
export const ENROLMENT_KEY_SETTING = 'enrolment-key';

/** The private key with which the heads of recordings are signed. */
export const RECORDING_SIGNER_CONTEXT = 'recording-signer';
