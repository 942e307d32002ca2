import { printable } from '#lib/printable.ts';
import { explainCertificate } from './certificate-failure.ts';
import { InTheOpenError, MailError, MailTimeout } from './mail-error.ts';
import type { MailSettings } from './mail-settings.ts';
import { type MailStage, STAGE_WORDS, stageOfCommand } from './mail-stage.ts';

const WORDS_SHOWN = 300;
/** "Bad sequence of commands" is about the dialogue, not about the mail (RFC 5321 section 4.2.3). */
const BAD_SEQUENCE = 503;

interface Failure {
  readonly stage: MailStage;
  readonly message: string;
  /** Of the operating system or of TLS, else of the SMTP client. */
  readonly code: string;
  readonly clientCode: string;
  /** What the server said, safe to show. */
  readonly reply: string | undefined;
  readonly replyCode: number | undefined;
  /** Of a certificate for another host. */
  readonly names: string | undefined;
  readonly timeoutMs: number | undefined;
}

/**
 * Says in words what happened, why, and what to do. `isTrusted`: what the server said came over TLS or
 * loopback; only then is a refusal for good believed, since anybody between could have written it.
 */
export function explainMailFailure(
  cause: unknown,
  waitedFor: MailStage,
  isTrusted: boolean,
  settings: MailSettings,
): MailError {
  const failure = readFailure(cause, waitedFor);
  const { replyCode, stage } = failure;
  return new MailError(
    `The mail server ${settings.host}:${settings.port} did not take the mail: ${
      cause instanceof InTheOpenError ? cause.message : explain(failure, settings)
    }`,
    {
      stage,
      unknownOutcome: stage === 'message' && replyCode === undefined,
      permanent: isTrusted && replyCode !== undefined && replyCode >= 500 && replyCode !== BAD_SEQUENCE,
      cause,
    },
  );
}

function readFailure(cause: unknown, waitedFor: MailStage): Failure {
  const fields: Readonly<Record<string, unknown>> =
    typeof cause === 'object' && cause !== null ? { ...cause } : {};
  const text = (name: string): string | undefined =>
    typeof fields[name] === 'string' ? fields[name] : undefined;
  const command = text('command');
  const reply = text('response');
  const clientCode = text('code') ?? '';
  const code = text('originalCode') ?? clientCode;
  const said = cause instanceof Error ? cause.message : String(cause);
  return {
    stage:
      command === undefined || command === 'CONN' || command === 'API' || clientCode === 'EMESSAGE'
        ? waitedFor
        : commandStage(command),
    message: printable(code.startsWith('ERR_SSL') ? (text('reason') ?? code) : said, WORDS_SHOWN),
    code,
    clientCode,
    reply: reply === undefined ? undefined : shownReply(reply),
    replyCode: typeof fields['responseCode'] === 'number' ? fields['responseCode'] : undefined,
    names: namesIn(fields['cert']),
    timeoutMs: cause instanceof MailTimeout ? cause.afterMs : undefined,
  };
}

/** Of the certificate that comes with an error about names. */
function namesIn(certificate: unknown): string | undefined {
  if (typeof certificate !== 'object' || certificate === null || !('subjectaltname' in certificate))
    return undefined;
  return typeof certificate.subjectaltname === 'string' ? certificate.subjectaltname : undefined;
}

/** The client names commands without their colon. */
function commandStage(command: string): MailStage {
  return stageOfCommand(command.replace(/^(MAIL FROM|RCPT TO)$/, '$1:'));
}

/** The server's words on one line; they are hostile text. */
export function shownReply(reply: string): string {
  return printable(reply.trim().replaceAll(/\r?\n/g, ' / '), WORDS_SHOWN);
}

function explain(failure: Failure, settings: MailSettings): string {
  return (
    explainTimeout(failure, settings) ??
    explainNetwork(failure) ??
    explainEncryption(failure, settings) ??
    explainRefusal(failure) ??
    `${failure.message} (while waiting for ${STAGE_WORDS[failure.stage]}). The log of the mail server may say more.`
  );
}

function explainTimeout({ stage, timeoutMs }: Failure, { security }: MailSettings): string | undefined {
  if (timeoutMs === undefined) return undefined;
  const waited = `no answer within ${timeoutMs / 1000} s while waiting for ${STAGE_WORDS[stage]}`;
  switch (stage) {
    case 'connect':
      return `${waited}. Check mail.host and mail.port, and that a firewall lets the connection through.`;
    case 'greeting':
      return security === 'tls'
        ? `${waited}. The server is overloaded or holds back strangers; its log says more.`
        : `${waited}. If the server speaks TLS from the start (port 465), set mail.security: tls.`;
    case 'tls':
      return `${waited}. Check that mail.security fits the port: starttls for 587, tls for 465.`;
    case 'message':
      return `${waited}; it may have been delivered. Look into the mailbox before you send it again.`;
    default:
      return `${waited}. The server is overloaded or stuck; its log says more.`;
  }
}

function explainNetwork({ code, stage, message, replyCode }: Failure): string | undefined {
  if (replyCode !== undefined) return undefined;
  if (stage === 'message' && !/CERT/.test(code))
    return `the connection broke while the message was under way (${message}); it may have been delivered. Look into the mailbox before you send it again.`;
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there. Check mail.host and mail.port, and that the mail server runs.';
    case 'ENOTFOUND':
      return 'the name is not known to DNS. Check mail.host.';
    case 'EAI_AGAIN':
      return 'DNS gives no answer about the name. Check the resolver of this machine (/etc/resolv.conf).';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no route to it. Check the network of this machine, and mail.host.';
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNECTION':
      return stage === 'tls'
        ? undefined
        : `it closed the connection while it was waited for ${STAGE_WORDS[stage]}. The log of the mail server says why; it may not like the address of this machine.`;
    default:
      return undefined;
  }
}

function explainEncryption(failure: Failure, settings: MailSettings): string | undefined {
  const { code, clientCode, stage, message, reply, names } = failure;
  const certificate = explainCertificate(code, names, settings);
  if (certificate !== undefined) return certificate;
  if (settings.security === 'starttls' && (stage === 'starttls' || stage === 'hello') && reply !== undefined)
    return `it offers no STARTTLS (it said "${reply}"), or somebody between takes the offer away. Nothing was sent in the open. If the server speaks TLS from the start (port 465), set mail.security: tls.`;
  if (stage === 'tls' || clientCode === 'ETLS')
    return settings.security === 'starttls'
      ? `it agreed to STARTTLS, and then the TLS handshake failed (${message}). Nothing was sent in the open. TLS 1.2 is the least that is accepted.`
      : `the TLS handshake failed (${message}). If the server begins in the open and upgrades (port 587), set mail.security: starttls. TLS 1.2 is the least that is accepted.`;
  return undefined;
}

function explainRefusal({ stage, reply, replyCode, clientCode }: Failure): string | undefined {
  if (clientCode === 'ENOAUTH' || (stage === 'login' && reply === undefined))
    return 'it offers no login that is known here (PLAIN, LOGIN, CRAM-MD5). Check mail.host and mail.port, or leave out mail.user if the server needs none.';
  if (reply === undefined) return undefined;
  const isForNow = replyCode !== undefined && replyCode < 500;
  switch (stage) {
    case 'login':
      return isForNow
        ? `it could not check the login now: it said "${reply}".`
        : `it refused the login: it said "${reply}". Check mail.user and mail.passwordFile.`;
    case 'sender':
      return isForNow
        ? `it refused the sender for now: it said "${reply}".`
        : `it refused the sender: it said "${reply}". Check mail.from, and mail.user if the server wants a login.`;
    case 'recipient':
      return isForNow
        ? `it refused the recipient for now: it said "${reply}".`
        : `it refused the recipient: it said "${reply}". Check the address (mail.responders, or that of the user).`;
    case 'data':
    case 'message':
      return isForNow
        ? `it refused the message for now: it said "${reply}".`
        : `it refused the message: it said "${reply}". Ask who runs the mail server; it may take it for spam.`;
    default:
      return `it said "${reply}" instead of ${STAGE_WORDS[stage]}. The log of the mail server says more.`;
  }
}
