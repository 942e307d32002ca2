import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import PostalMime, { type Email } from 'postal-mime';

/** A real SMTP server on loopback that keeps what it is given. */
export interface Mailbox extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** Resolves with the first mail, old or new, that fits. */
  waitFor(fits: (mail: ReceivedMail) => boolean): Promise<ReceivedMail>;
}

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
}

function received(email: Email, envelopeTo: readonly string[]): ReceivedMail {
  return {
    from: email.from?.address ?? '',
    to: envelopeTo,
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    messageId: email.messageId ?? '',
  };
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: ReceivedMail[] = [];
  const waiting = new Set<(mail: ReceivedMail) => void>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const to = session.envelope.rcptTo.map((recipient) => recipient.address);
        PostalMime.parse(Buffer.concat(chunks)).then(
          (email) => {
            const mail = received(email, to);
            mails.push(mail);
            for (const listener of waiting) listener(mail);
            callback();
          },
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
      });
    },
  });
  // A sender that dies in the middle is no concern of the mailbox.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    mails,
    waitFor(fits) {
      const known = mails.find(fits);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const listener = (mail: ReceivedMail): void => {
          if (!fits(mail)) return;
          waiting.delete(listener);
          resolve(mail);
        };
        waiting.add(listener);
      });
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
