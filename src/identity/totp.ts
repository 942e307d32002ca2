import { createHmac } from 'node:crypto';
import type { Secret } from '#lib/secret.ts';
import { toBase32 } from './base32.ts';

/** What every authenticator can do (RFC 6238 section 4, RFC 4226 section 5.3): SHA-1, 30 seconds, 6 digits. */
const STEP_MS = 30_000;
const DIGITS = 6;
/** Steps before and after the present one that are accepted: clocks differ, and people type slowly. */
const DRIFT_STEPS = 1;
const CODE_FORM = /^\d{6}$/;

/** Bytes of a fresh secret (RFC 4226 section 4, R6: 160 bits are recommended). */
export const TOTP_SECRET_BYTES = 20;

export function stepAt(timeMs: number): number {
  return Math.floor(timeMs / STEP_MS);
}

/** The code of one time step (RFC 4226 section 5.3). */
export function codeOfStep(secret: Secret<Uint8Array>, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', secret.expose()).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/**
 * The time step whose code this is, near the given time and later than the last one that was accepted (RFC 6238
 * section 5.2: a code counts once). Undefined when there is none.
 */
export function matchingStep(
  secret: Secret<Uint8Array>,
  typed: string,
  timeMs: number,
  lastStep: number,
): number | undefined {
  if (!CODE_FORM.test(typed)) return undefined;
  const now = stepAt(timeMs);
  // All are computed, whichever fits: how long it takes says nothing.
  const steps = Array.from({ length: 2 * DRIFT_STEPS + 1 }, (_, index) => now - DRIFT_STEPS + index);
  const fitting = steps.filter((step) => codeOfStep(secret, step) === typed);
  return fitting.find((step) => step > lastStep);
}

/** What an authenticator reads from the QR code (Key URI Format of Google Authenticator, which all others take). */
export function enrolmentUri(secret: Secret<Uint8Array>, account: string, issuer: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${toBase32(secret.expose())}&issuer=${encodeURIComponent(issuer)}`;
}

/** The secret for people who type it: groups of four. */
export function secretForPeople(secret: Secret<Uint8Array>): string {
  return toBase32(secret.expose())
    .replaceAll(/(.{4})/g, '$1 ')
    .trim();
}
