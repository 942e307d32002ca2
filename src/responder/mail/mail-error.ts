import { PortcullisError } from '#contract/errors.ts';
import type { MailSettings } from './mail-settings.ts';

/** How far a mail had come when it failed. */
export type MailStage = 'connect' | 'login' | 'envelope' | 'message';

/** The mail server did not take a mail; says whether it may have taken it all the same. */
export class MailError extends PortcullisError {
  /** The message was under way and no answer came: it may have been delivered. */
  readonly unknownOutcome: boolean;
  /** Trying again the same way cannot help. */
  readonly permanent: boolean;

  constructor(
    message: string,
    options: { readonly unknownOutcome: boolean; readonly permanent: boolean; readonly cause?: unknown },
  ) {
    super('E_MAIL', message, options.cause === undefined ? {} : { cause: options.cause });
    this.unknownOutcome = options.unknownOutcome;
    this.permanent = options.permanent;
  }
}

interface SmtpFailure {
  readonly message: string;
  readonly code: string | undefined;
  readonly originalCode: string | undefined;
  readonly response: string | undefined;
  readonly responseCode: number | undefined;
}

/** Says in words what happened, why, and what to do. */
export function explainMailFailure(cause: unknown, stage: MailStage, settings: MailSettings): MailError {
  const failure = readFailure(cause);
  const server = `${settings.host}:${settings.port}`;
  const { responseCode } = failure;
  return new MailError(
    `The mail server ${server} did not take the mail: ${explain(failure, stage, settings)}`,
    {
      unknownOutcome: stage === 'message' && responseCode === undefined,
      permanent: responseCode !== undefined && responseCode >= 500 && responseCode !== 503,
      cause,
    },
  );
}

function readFailure(cause: unknown): SmtpFailure {
  const fields: Readonly<Record<string, unknown>> =
    typeof cause === 'object' && cause !== null ? { ...cause } : {};
  const text = (name: string): string | undefined =>
    typeof fields[name] === 'string' ? fields[name] : undefined;
  return {
    message: cause instanceof Error ? cause.message : String(cause),
    code: text('code'),
    originalCode: text('originalCode'),
    response: text('response'),
    responseCode: typeof fields['responseCode'] === 'number' ? fields['responseCode'] : undefined,
  };
}

function explain(failure: SmtpFailure, stage: MailStage, settings: MailSettings): string {
  const code = failure.originalCode ?? failure.code;
  const said = failure.response === undefined ? failure.message : `it said "${failure.response}"`;
  if (code === 'ECONNREFUSED') return 'nothing listens there. Check mail.host and mail.port.';
  if (failure.code === 'EDNS' || code === 'ENOTFOUND')
    return 'the name is not known to DNS. Check mail.host.';
  if (failure.code === 'ETIMEDOUT')
    return `no answer in time (${stage}). Check that a firewall lets the connection through and that mail.security fits the port.`;
  if (code?.includes('CERT') === true || /certificate|self[- ]signed/i.test(failure.message))
    return `its certificate is not accepted (${failure.message}). Renew it, or name its certificate authority in mail.caFile.`;
  if (failure.code === 'ETLS' || /wrong version number|STARTTLS/i.test(failure.message))
    return settings.security === 'starttls'
      ? `it offers no STARTTLS, or the upgrade failed (${failure.message}). Nothing was sent in the open. Use mail.security: tls for port 465.`
      : `the TLS handshake failed (${failure.message}). For port 587 use mail.security: starttls.`;
  if (failure.code === 'EAUTH' || failure.code === 'ENOAUTH')
    return `it refused the login: ${said}. Check mail.user and mail.passwordFile.`;
  if (stage === 'message' && failure.responseCode === undefined)
    return `the connection broke while the message was under way (${failure.message}); it may have been delivered.`;
  return `${said}.`;
}
