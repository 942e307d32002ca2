/**
 * Outcome of every access question. Deny: policy says no. Fault: policy could not be asked, so the answer is
 * no as well, but somebody must repair something. Codes are stable and go to the audit trail, not to the
 * person who was refused at login.
 */
export type Decision<DenyCode extends string, Allowed = undefined> =
  | { readonly verdict: 'allow'; readonly value: Allowed }
  | { readonly verdict: 'deny'; readonly code: DenyCode }
  | { readonly verdict: 'fault'; readonly code: FaultCode; readonly detail: string };

export type FaultCode = 'state_unavailable' | 'stream_unavailable' | 'recording_unavailable' | 'locks_stale';

export function allow<A>(value: A): { readonly verdict: 'allow'; readonly value: A } {
  return { verdict: 'allow', value };
}

export function deny<C extends string>(code: C): { readonly verdict: 'deny'; readonly code: C } {
  return { verdict: 'deny', code };
}

export function fault(
  code: FaultCode,
  detail: string,
): { readonly verdict: 'fault'; readonly code: FaultCode; readonly detail: string } {
  return { verdict: 'fault', code, detail };
}
