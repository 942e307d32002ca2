import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { PortcullisError } from '#contract/errors.ts';
import { isLoopback } from '#config/addresses.ts';
import { explainMailFailure, type MailStage } from './mail-error.ts';
import type { MailSettings } from './mail-settings.ts';

export interface OutgoingMail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What the Message-ID is made of: the same id is the same mail, however often it is tried. */
  readonly id: string;
}

export interface MailReceipt {
  readonly messageId: string;
  /** The server's last words. */
  readonly response: string;
}

export interface Mailer {
  readonly responders: readonly string[];
  /** Resolves when the server has taken the mail. Throws `MailError`. */
  send(mail: OutgoingMail): Promise<MailReceipt>;
}

export interface MailTimeouts {
  readonly connectMs: number;
  /** Without a byte from the server. */
  readonly silenceMs: number;
}

const TIMEOUTS: MailTimeouts = { connectMs: 15_000, silenceMs: 30_000 };

/**
 * Hands mails to one SMTP server. Never in the open except on loopback: with `starttls` the upgrade is
 * required, and certificates are always checked.
 */
export function createMailer(settings: MailSettings, timeouts: MailTimeouts = TIMEOUTS): Mailer {
  if (settings.security === 'none' && !isLoopback(settings.host))
    throw new PortcullisError(
      'E_CONFIG',
      'mail.security "none" is for loopback only; use starttls or tls, or recovery links travel in the open.',
    );
  return {
    responders: settings.responders,
    send: (mail) => sendMail(mail, settings, timeouts),
  };
}

async function sendMail(
  mail: OutgoingMail,
  settings: MailSettings,
  timeouts: MailTimeouts,
): Promise<MailReceipt> {
  const messageId = `<${mail.id}@${domainOf(settings.from)}>`;
  const composed = new MailComposer({
    from: settings.from,
    to: [...mail.to],
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId,
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const message = await composed.build();
  const envelope = composed.getEnvelope();
  let stage: MailStage = 'connect';
  const connection = connectionTo(settings, timeouts);
  try {
    const response = await new Promise<string>((resolve, reject) => {
      connection.on('error', reject);
      connection.on('end', () => reject(new Error('the connection was closed')));
      const send = (): void => {
        stage = 'envelope';
        const body = onFirstRead(message, () => {
          stage = 'message';
        });
        connection.send({ from: envelope.from, to: [...envelope.to] }, body, (error, info) =>
          error === null ? resolve(info.response) : reject(error),
        );
      };
      connection.connect((error) => {
        if (error !== undefined) return reject(error);
        if (settings.user === null) return send();
        stage = 'login';
        connection.login({ user: settings.user, pass: settings.password?.expose() ?? '' }, (refused) =>
          refused === null ? send() : reject(refused),
        );
      });
    });
    connection.quit();
    return { messageId, response };
  } catch (error) {
    connection.close();
    throw explainMailFailure(error, stage, settings);
  }
}

function connectionTo(settings: MailSettings, timeouts: MailTimeouts): SMTPConnection {
  return new SMTPConnection({
    host: settings.host,
    port: settings.port,
    secure: settings.security === 'tls',
    requireTLS: settings.security === 'starttls',
    ignoreTLS: settings.security === 'none',
    connectionTimeout: timeouts.connectMs,
    greetingTimeout: timeouts.connectMs,
    dnsTimeout: timeouts.connectMs,
    socketTimeout: timeouts.silenceMs,
    tls: { minVersion: 'TLSv1.2', ...(settings.ca === null ? {} : { ca: settings.ca }) },
  });
}

/** The message as a stream that tells when the server begins to get it: from then on it may be delivered. */
function onFirstRead(message: Buffer, started: () => void): Readable {
  let given = false;
  return new Readable({
    read() {
      if (!given) {
        given = true;
        started();
        this.push(message);
      }
      this.push(null);
    },
  });
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'portcullis.invalid';
}
