import { PortcullisError } from '#contract/errors.ts';
import type { Language } from '#contract/resources/user.ts';
import { isLoopback } from '#config/addresses.ts';
import { MailError } from './mail-error.ts';
import { composeLetter, type MailLetter } from './mail-letter.ts';
import { type MailReport, type MailStep, STEP_OF_STAGE } from './mail-report.ts';
import type { MailSettings } from './mail-settings.ts';
import type { OutgoingMail } from './outgoing-mail.ts';
import { converse, type MailTimeouts, type RefusedRecipient } from './smtp-conversation.ts';

export interface MailReceipt {
  readonly messageId: string;
  /** The server's last words. */
  readonly response: string;
  /** Recipients that the server did not take, while it took others. */
  readonly refused: readonly RefusedRecipient[];
}

export interface SendOptions {
  /** Awaited before the first byte of the message is sent: until then nothing can have been delivered. */
  readonly beforeMessage?: () => Promise<void>;
}

export interface Mailer {
  readonly responders: readonly string[];
  /** Of mails to the responders. */
  readonly language: Language;
  /** Resolves when the server has taken the mail for at least one recipient. Throws `MailError`. */
  send(mail: OutgoingMail, options?: SendOptions): Promise<MailReceipt>;
  /** Does the same and tells each step; without a mail it only greets, encrypts and logs in. */
  report(mail: OutgoingMail | null): Promise<MailReport>;
}

const TIMEOUTS: MailTimeouts = { connectMs: 10_000, answerMs: 20_000, mailMs: 50_000 };

/**
 * Hands mails to one SMTP server. Never in the open except on loopback, and no password even there: with
 * `starttls` the upgrade is required, and certificates are always checked.
 */
export function createMailer(settings: MailSettings, timeouts: MailTimeouts = TIMEOUTS): Mailer {
  if (settings.security === 'none' && !isLoopback(settings.host))
    throw new PortcullisError(
      'E_CONFIG',
      'mail.security "none" is for loopback only; use starttls or tls, or recovery links travel in the open.',
    );
  if (settings.security === 'none' && settings.user !== null)
    throw new PortcullisError(
      'E_CONFIG',
      'mail.user needs mail.security starttls or tls; a password is never sent in the open.',
    );
  return {
    responders: settings.responders,
    language: settings.language,
    send: (mail, options = {}) => sendMail(mail, options, settings, timeouts),
    report: (mail) => reportMail(mail, settings, timeouts),
  };
}

async function sendMail(
  mail: OutgoingMail,
  { beforeMessage = async () => undefined }: SendOptions,
  settings: MailSettings,
  timeouts: MailTimeouts,
): Promise<MailReceipt> {
  const letter = await composeLetter(mail, settings.from);
  const { answer, refused } = await converse({
    settings,
    timeouts,
    letter,
    onStep: () => undefined,
    beforeMessage,
  });
  return { messageId: letter.messageId, response: answer ?? '', refused };
}

async function reportMail(
  mail: OutgoingMail | null,
  settings: MailSettings,
  timeouts: MailTimeouts,
): Promise<MailReport> {
  const letter: MailLetter | null = mail === null ? null : await composeLetter(mail, settings.from);
  const steps: MailStep[] = [];
  try {
    const { answer, certificateExpiresAt } = await converse({
      settings,
      timeouts,
      letter,
      onStep: (step) => steps.push(step),
      beforeMessage: async () => undefined,
    });
    return { steps, answer, certificateExpiresAt };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    steps.push({ name: STEP_OF_STAGE[error.stage], isOk: false, detail: error.message });
    return { steps, answer: null, certificateExpiresAt: null };
  }
}
