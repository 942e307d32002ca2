import { makeEvent, type EventRecord } from '#contract/event.ts';
import type { JsonObject } from '#lib/json.ts';
import { printable } from '#lib/printable.ts';
import type { Identity, LoginAttempt, LoginDecision } from './login-attempt.ts';

/** How an attempt was made, for the audit trail. */
export interface LoginCircumstances {
  readonly attempt: LoginAttempt;
  /** `password`, `keyboard-interactive`, `publickey`, … */
  readonly method: string;
  readonly clientSoftware: string;
  /** More that only one method knows, e.g. the fingerprint of the key that was shown. */
  readonly details?: JsonObject;
}

/** Longest name kept as typed: four times what a name may be. */
const TYPED_NAME_LENGTH = 256;

export function typedNameForLog(typedName: string): string {
  return printable(typedName, TYPED_NAME_LENGTH);
}

/** A refused attempt. It has no `user`: a name that was only typed is data, not identity. */
export function loginFailedEvent(
  circumstances: LoginCircumstances,
  refusal: Exclude<LoginDecision, { verdict: 'allow' }>,
  id: string,
  nowMs: number,
): EventRecord {
  const { attempt } = circumstances;
  const typedName = typedNameForLog(attempt.typedName);
  return makeEvent('login.failed', id, nowMs, {
    ...origin(circumstances),
    message: `Login refused for the name "${typedName}": ${refusal.code}`,
    data: {
      ...circumstances.details,
      typedName,
      method: circumstances.method,
      clientSoftware: circumstances.clientSoftware,
      reason: refusal.code,
      ...(refusal.verdict === 'deny' ? { credential: refusal.credential } : { detail: refusal.detail }),
    },
  });
}

/** Must be durable before access opens. */
export function loginSucceededEvent(
  circumstances: LoginCircumstances,
  identity: Identity,
  loginId: string,
  id: string,
  nowMs: number,
): EventRecord {
  const { method, clientSoftware, details } = circumstances;
  return makeEvent('login.succeeded', id, nowMs, {
    ...origin(circumstances),
    user: identity.user.username,
    message: `${identity.user.username} logged in with ${method}`,
    data: {
      ...details,
      login: loginId,
      typedName: typedNameForLog(circumstances.attempt.typedName),
      method,
      clientSoftware,
      secondFactor: identity.secondFactor,
      ...(identity.keyFingerprint === null ? {} : { keyFingerprint: identity.keyFingerprint }),
    },
  });
}

function origin({
  attempt,
}: LoginCircumstances): Pick<EventRecord, 'channel'> & { address: string; port: number } {
  return { channel: attempt.channel, address: attempt.address, port: attempt.port };
}
