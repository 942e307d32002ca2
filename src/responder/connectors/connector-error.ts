/** How a call to a foreign bastion failed. */
export type ConnectorFailure =
  /** No connection, or none that can be believed. */
  | 'unreachable'
  | 'certificate'
  | 'timeout'
  /** The connection broke before the answer was whole. */
  | 'broken'
  /** 401: the token or key is not accepted. */
  | 'unauthenticated'
  /** 403: it lacks a right. */
  | 'forbidden'
  | 'not-found'
  /** 429. */
  | 'throttled'
  /** Another refusal of the request. */
  | 'refused'
  /** 5xx. */
  | 'server'
  /** An answer that is none: not JSON, not of a known shape, too large, redirected. */
  | 'protocol'
  /** More than one user fits. */
  | 'ambiguous';

/** What went wrong with a foreign bastion, in words for people. Never holds a credential. */
export class ConnectorError extends Error {
  override readonly name = 'ConnectorError';
  readonly failure: ConnectorFailure;
  /** True when the request may have been carried out although no answer says so. */
  readonly mayHaveActed: boolean;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null;

  constructor(
    failure: ConnectorFailure,
    message: string,
    more: {
      readonly mayHaveActed?: boolean;
      readonly retryAfterMs?: number | null;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? {} : { cause: more.cause });
    this.failure = failure;
    this.mayHaveActed = more.mayHaveActed ?? false;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}
