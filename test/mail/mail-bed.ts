import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { MailError } from '#responder/mail/mail-error.ts';
import type { MailSettings } from '#responder/mail/mail-settings.ts';
import { createMailer, type Mailer, type MailReceipt } from '#responder/mail/mailer.ts';
import type { MailTimeouts } from '#responder/mail/smtp-conversation.ts';
import { testMail } from '#responder/mail/test-mail.ts';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface Certificates extends AsyncDisposable {
  readonly folder: string;
  /** PEM of the authority that signed all but the last two. */
  readonly ca: string;
  readonly valid: Certificate;
  readonly expired: Certificate;
  readonly otherHost: Certificate;
  readonly selfSigned: Certificate;
  readonly strangersCa: Certificate;
}

/** An authority of our own and what a mail server can show, made with openssl. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-mail-'));
  const openssl = (line: string): void => {
    execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'ignore' });
  };
  const read = (file: string): Promise<string> => readFile(join(folder, file), 'utf8');
  const request = (name: string, subject: string): void =>
    openssl(
      `req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=${subject} -keyout ${name}.key -out ${name}.csr`,
    );
  const authority = (name: string): void => {
    request(name, `${name}-authority`);
    openssl(`x509 -req -in ${name}.csr -signkey ${name}.key -days 3 -extfile authority.ext -out ${name}.pem`);
  };
  const leaf = async (name: string, by: string, days: number, host = 'localhost'): Promise<Certificate> => {
    await writeFile(join(folder, `${name}.ext`), `subjectAltName=DNS:${host}`);
    request(name, host);
    const signer = by === name ? `-signkey ${name}.key` : `-CA ${by}.pem -CAkey ${by}.key`;
    openssl(`x509 -req -in ${name}.csr ${signer} -days ${days} -extfile ${name}.ext -out ${name}.pem`);
    return { key: await read(`${name}.key`), cert: await read(`${name}.pem`) };
  };
  await writeFile(join(folder, 'authority.ext'), 'basicConstraints=critical,CA:TRUE');
  authority('own');
  authority('strange');
  return {
    folder,
    ca: await read('own.pem'),
    valid: await leaf('valid', 'own', 2),
    expired: await leaf('expired', 'own', -1),
    otherHost: await leaf('other', 'own', 2, 'mx.elsewhere.test'),
    selfSigned: await leaf('self', 'self', 2),
    strangersCa: await leaf('strangers', 'strange', 2),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Box extends AsyncDisposable {
  readonly port: number;
  /** Messages as they came, headers and all. */
  readonly received: string[];
  readonly recipients: string[][];
  readonly logins: string[];
}

/** A real SMTP server that keeps what it is given; `right` is the password. */
export async function startServer(options: SMTPServerOptions): Promise<Box> {
  const received: string[] = [];
  const recipients: string[][] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    closeTimeout: 10,
    onAuth(auth, session, callback) {
      logins.push(`${auth.username ?? ''} ${session.secure ? 'secure' : 'open'}`);
      if (auth.password === 'right') callback(null, { user: auth.username ?? '' });
      else callback(new Error('no such user'));
    },
    onData(stream, session, callback) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        received.push(text);
        recipients.push(session.envelope.rcptTo.map(({ address }) => address));
        callback();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: portOf(server.server),
    received,
    recipients,
    logins,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** The refusal that a server's hook hands back. */
export function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  if (
    typeof address === 'object' &&
    address !== null &&
    'port' in address &&
    typeof address.port === 'number'
  )
    return address.port;
  throw new Error('no port');
}

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  /** Lines that came in clear. */
  readonly heard: string[];
}

/** What a well-behaved server answers; a script changes parts of it. */
export const POLITE: Readonly<Record<string, string>> = {
  connect: '220 test ESMTP',
  EHLO: '250 test',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  '.': '250 taken',
  QUIT: '221 bye',
};

/**
 * A server that answers as the script says, for what no proper server does: `close` hangs up, `silence` says
 * nothing more, `drip` begins an answer that never ends.
 */
export async function startScript(lines: Readonly<Record<string, string>>): Promise<ScriptedServer> {
  const heard: string[] = [];
  return listen(heard, (socket) => {
    const drips: NodeJS.Timeout[] = [];
    socket.on('close', () => drips.forEach((drip) => clearInterval(drip)));
    const answer = (verb: string): void => {
      const said = lines[verb];
      if (said === 'close') socket.destroy();
      else if (said === 'drip') drips.push(setInterval(() => socket.write('250-and more\r\n'), 50));
      else if (said !== undefined && said !== 'silence') socket.write(`${said}\r\n`);
    };
    answer('connect');
    let inMessage = false;
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n')) {
        if (line === '') continue;
        heard.push(line);
        const verb = inMessage ? (line === '.' ? '.' : '') : (line.split(' ')[0] ?? '');
        if (verb === '.') inMessage = false;
        answer(verb);
        if (verb === 'DATA') inMessage = true;
      }
    });
  });
}

/**
 * Somebody between, who takes STARTTLS out of what the server offers and answers the command himself with
 * `answer`. From then on he reads along.
 */
export async function startStripper(serverPort: number, answer: string): Promise<ScriptedServer> {
  const heard: string[] = [];
  return listen(heard, (client) => {
    const server = connect(serverPort, '127.0.0.1');
    server.on('error', () => {});
    client.on('close', () => server.destroy());
    server.on('data', (chunk) => client.write(withoutOffer(chunk.toString('latin1'))));
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      heard.push(text);
      if (text.startsWith('STARTTLS')) client.write(`${answer}\r\n`);
      else server.write(chunk);
    });
  });
}

/** The answer to EHLO without STARTTLS; its last line keeps the form of a last line. */
function withoutOffer(text: string): string {
  return text.replace(/250-STARTTLS\r\n/, '').replace(/250-(.*\r\n)250 STARTTLS\r\n/, '250 $1');
}

async function listen(heard: string[], serve: (socket: Socket) => void): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    heard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

/** Short, for servers that stall; the others must not run out on a busy machine. */
const IMPATIENT: MailTimeouts = { connectMs: 700, answerMs: 700, mailMs: 2500 };
const PATIENT: MailTimeouts = { connectMs: 10_000, answerMs: 10_000, mailMs: 30_000 };

export function mailerTo(
  port: number,
  settings: Partial<MailSettings> = {},
  timeouts = (settings.security ?? 'none') === 'none' ? IMPATIENT : PATIENT,
): Mailer {
  return createMailer(
    {
      host: 'localhost',
      port,
      security: 'none',
      user: null,
      password: null,
      from: 'Portcullis <portcullis@example.test>',
      responders: [],
      language: 'en',
      ca: null,
      ...settings,
    },
    timeouts,
  );
}

export function send(port: number, settings: Partial<MailSettings> = {}): Promise<MailReceipt> {
  return mailerTo(port, settings).send(testMail('alice@example.test'));
}

export async function failure(sending: Promise<MailReceipt>): Promise<MailError> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MailError) return error;
  throw new Error(`expected a MailError, got ${String(error)}`);
}
