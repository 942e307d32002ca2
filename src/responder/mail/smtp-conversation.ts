import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { getCACertificates, TLSSocket } from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { isLoopback } from '#config/addresses.ts';
import { describeTls, expiryOf } from './certificate-view.ts';
import { explainMailFailure, shownReply } from './explain-failure.ts';
import { InTheOpenError, MailTimeout } from './mail-error.ts';
import type { MailLetter } from './mail-letter.ts';
import type { MailStep } from './mail-report.ts';
import type { MailSettings } from './mail-settings.ts';
import { SmtpDialogue } from './smtp-dialogue.ts';

export interface MailTimeouts {
  /** Name, TCP, TLS from the start. */
  readonly connectMs: number;
  /** For the greeting and for each answer, however many bytes trickle in meanwhile. */
  readonly answerMs: number;
  /** For everything, and with it for the last answer. Shorter than the lease of an action. */
  readonly mailMs: number;
}

export interface ConversationOptions {
  readonly settings: MailSettings;
  readonly timeouts: MailTimeouts;
  /** Null only looks: greets, encrypts, logs in, and leaves. */
  readonly letter: MailLetter | null;
  readonly onStep: (step: MailStep) => void;
  /** Awaited before the first byte of the message is sent: until then nothing can have been delivered. */
  readonly beforeMessage: () => Promise<void>;
}

export interface Delivery {
  /** The server's last words, safe to show; null when there was no letter. */
  readonly answer: string | null;
  /** Recipients that the server did not take, while it took others. */
  readonly refused: readonly RefusedRecipient[];
  /** Epoch milliseconds; null without TLS. */
  readonly certificateExpiresAt: number | null;
}

export interface RefusedRecipient {
  readonly address: string;
  /** The server's words, safe to show. */
  readonly reply: string;
  readonly permanent: boolean;
}

/** One connection to the mail server, from the name to QUIT. Throws `MailError`. */
export async function converse(options: ConversationOptions): Promise<Delivery> {
  const conversation = new Conversation(options);
  try {
    return await conversation.run();
  } finally {
    conversation.end();
  }
}

class Conversation {
  readonly #options: ConversationOptions;
  readonly #dialogue: SmtpDialogue;
  readonly #broken = Promise.withResolvers<never>();
  readonly #wholeTimer: NodeJS.Timeout;
  #answerTimer: NodeJS.Timeout | undefined;
  #socket: Socket | undefined;
  #connection: SMTPConnection | undefined;
  #isDone = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { mailMs } = options.timeouts;
    this.#dialogue = new SmtpDialogue(() => this.#watch());
    this.#wholeTimer = setTimeout(() => this.#broken.reject(new MailTimeout(mailMs)), mailMs);
    // It may break when nobody waits for it any more.
    this.#broken.promise.catch(() => {});
  }

  async run(): Promise<Delivery> {
    const { settings } = this.#options;
    this.#watch();
    try {
      const delivery = await Promise.race([this.#speak(), this.#broken.promise]);
      this.#isDone = true;
      return delivery;
    } catch (error) {
      const isTrusted = settings.security === 'none' || this.#isEncrypted();
      throw explainMailFailure(error, this.#dialogue.stage, isTrusted, settings);
    }
  }

  /** After a success the server is told; after a failure nothing more is said. */
  end(): void {
    clearTimeout(this.#answerTimer);
    clearTimeout(this.#wholeTimer);
    if (this.#isDone && this.#connection !== undefined) {
      const { answerMs } = this.#options.timeouts;
      this.#socket?.setTimeout(answerMs, () => this.#socket?.destroy());
      this.#connection.quit();
      return;
    }
    this.#connection?.close();
    this.#socket?.destroy();
  }

  /** Nothing trickled in counts: only an answer, or our next command, begins the time anew. */
  #watch(): void {
    clearTimeout(this.#answerTimer);
    const { stage } = this.#dialogue;
    if (stage === 'message') return;
    const { connectMs, answerMs } = this.#options.timeouts;
    const limitMs = stage === 'connect' || stage === 'tls' ? connectMs : answerMs;
    this.#answerTimer = setTimeout(() => this.#broken.reject(new MailTimeout(limitMs)), limitMs);
  }

  async #speak(): Promise<Delivery> {
    const { settings, letter } = this.#options;
    const socket = await this.#open();
    const connection = this.#connectionOver(socket);
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === undefined ? resolve() : reject(error)));
    });
    this.#say('greeting', shownReply(this.#dialogue.greeting));
    if (settings.security !== 'none' && !this.#isEncrypted())
      throw new InTheOpenError('the connection is not encrypted. Nothing was sent in the open.');
    const tls = connection._socket instanceof TLSSocket ? connection._socket : null;
    if (tls !== null) this.#say('encryption', describeTls(tls));
    const certificateExpiresAt = tls === null ? null : expiryOf(tls);
    await this.#logIn(connection);
    if (letter === null) return { answer: null, refused: [], certificateExpiresAt };
    return { ...(await this.#send(connection, letter)), certificateExpiresAt };
  }

  async #open(): Promise<Socket> {
    const { settings } = this.#options;
    const { host, port, security } = settings;
    const socket = connect({ host, port });
    this.#socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const address = socket.remoteAddress ?? '';
    if (security === 'none') refuseInTheOpen(host, address);
    this.#say('connect', `${address} answers on port ${port}`);
    this.#dialogue.connected(security === 'tls');
    return socket;
  }

  #connectionOver(socket: Socket): SMTPConnection {
    const { settings, timeouts } = this.#options;
    const { mailMs } = timeouts;
    const dialogue = this.#dialogue;
    const ignore = (): void => {};
    const connection = new SMTPConnection({
      connection: socket,
      host: settings.host,
      port: settings.port,
      secure: settings.security === 'tls',
      requireTLS: settings.security === 'starttls',
      ignoreTLS: settings.security === 'none',
      // The times are kept here; the client's own are only a second net.
      connectionTimeout: mailMs,
      greetingTimeout: mailMs,
      socketTimeout: mailMs,
      tls: {
        minVersion: 'TLSv1.2',
        ...(settings.ca === null ? {} : { ca: [...getCACertificates('default'), settings.ca] }),
      },
      transactionLog: true,
      logger: {
        level: ignore,
        trace: ignore,
        warn: ignore,
        error: ignore,
        fatal: ignore,
        info: (entry: unknown, text: unknown) => {
          if (kindOf(entry) === 'network' && String(text).includes('established')) dialogue.ready();
        },
        debug: (entry: unknown, text: unknown) => {
          if (this.#isDone) return;
          if (kindOf(entry) === 'client') dialogue.sent(String(text));
          if (kindOf(entry) === 'server') dialogue.received(String(text));
        },
      },
    });
    this.#connection = connection;
    connection.on('error', (error) => this.#broken.reject(error));
    connection.on('end', () =>
      this.#broken.reject(Object.assign(new Error('it closed the connection'), { code: 'ECONNECTION' })),
    );
    return connection;
  }

  async #logIn(connection: SMTPConnection): Promise<void> {
    const { user, password } = this.#options.settings;
    if (user === null) return;
    if (!this.#isEncrypted())
      throw new InTheOpenError('a password is never sent over a connection that is not encrypted.');
    await new Promise<void>((resolve, reject) => {
      connection.login({ user, pass: password?.expose() ?? '' }, (refused) =>
        refused === null || refused === undefined ? resolve() : reject(refused),
      );
    });
    this.#say('login', `as ${user}`);
  }

  async #send(connection: SMTPConnection, letter: MailLetter): Promise<Pick<Delivery, 'answer' | 'refused'>> {
    const body = this.#bodyOf(letter);
    const info = await new Promise<SMTPConnection.SentMessageInfo>((resolve, reject) => {
      connection.send({ from: letter.from, to: [...letter.to] }, body, (error, sent) =>
        error === null ? resolve(sent) : reject(error),
      );
    });
    const refused = (info.rejectedErrors ?? []).map((error, index) => ({
      address: info.rejected[index] ?? '',
      reply: shownReply(error.response ?? error.message),
      permanent: (error.responseCode ?? 0) >= 500,
    }));
    for (const { address, reply } of refused) this.#say('recipients', `not ${address}: ${reply}`, false);
    this.#say('recipients', info.accepted.join(', '));
    const answer = shownReply(info.response);
    this.#say('message', answer);
    return { answer, refused };
  }

  /** The message as a stream that says before it begins: from then on it may be delivered. */
  #bodyOf({ message }: MailLetter): Readable {
    const { beforeMessage } = this.#options;
    const dialogue = this.#dialogue;
    let isAsked = false;
    return new Readable({
      read() {
        if (isAsked) return;
        isAsked = true;
        beforeMessage().then(
          () => {
            if (this.destroyed) return;
            dialogue.messageBegun();
            this.push(message);
            this.push(null);
          },
          (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
        );
      },
    });
  }

  #say(name: MailStep['name'], detail: string, isOk = true): void {
    this.#options.onStep({ name, isOk, detail });
  }

  #isEncrypted(): boolean {
    return this.#connection?._socket instanceof TLSSocket && this.#connection.secure;
  }
}

/** A name that should be this machine may lead elsewhere; then nothing is sent. Throws `InTheOpenError`. */
export function refuseInTheOpen(host: string, address: string): void {
  if (!isLoopback(address))
    throw new InTheOpenError(
      `${host} leads to ${address}, which is not this machine, and mail.security "none" is for loopback only. Nothing was sent. Use starttls or tls.`,
    );
}

function kindOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'tnx' in entry ? entry.tnx : undefined;
}
