import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { MailError } from '#responder/mail/mail-error.ts';
import type { MailSettings } from '#responder/mail/mail-settings.ts';
import { createMailer, type MailReceipt } from '#responder/mail/mailer.ts';
import { sendTestMail } from '#responder/mail/test-mail.ts';

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

let folder = '';
const certificates: Record<'valid' | 'expired', Certificate> = {
  valid: { key: '', cert: '' },
  expired: { key: '', cert: '' },
};

function openssl(line: string): void {
  execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'ignore' });
}

async function makeCertificate(name: 'valid' | 'expired', days: number): Promise<void> {
  openssl(
    `req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout ${name}.key -out csr`,
  );
  openssl(`x509 -req -in csr -signkey ${name}.key -days ${days} -extfile names -out ${name}.pem`);
  certificates[name] = {
    key: await readFile(join(folder, `${name}.key`), 'utf8'),
    cert: await readFile(join(folder, `${name}.pem`), 'utf8'),
  };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-mail-'));
  await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost');
  await makeCertificate('valid', 2);
  await makeCertificate('expired', -1);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Box extends AsyncDisposable {
  readonly port: number;
  readonly received: string[];
  readonly logins: string[];
}

async function startServer(options: SMTPServerOptions): Promise<Box> {
  const received: string[] = [];
  const logins: string[] = [];
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    onAuth(auth, session, callback) {
      logins.push(`${auth.username ?? ''} ${session.secure ? 'secure' : 'open'}`);
      if (auth.password === 'right') callback(null, { user: auth.username ?? '' });
      else callback(new Error('no such user'));
    },
    onData(stream, _session, callback) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      stream.on('end', () => {
        received.push(text);
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
    logins,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

function closeServer(server: SMTPServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(resolve);
  });
}

function portOf(server: { address(): unknown }): number {
  return (server.address() as { readonly port: number }).port;
}

/** A server that speaks as the script says; `close` hangs up, `silence` says nothing more. */
async function startScript(
  lines: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('220 test ESMTP\r\n');
    let inMessage = false;
    socket.on('data', (chunk) => {
      for (const line of chunk
        .toString()
        .split('\r\n')
        .filter((one) => one !== '')) {
        const verb = inMessage ? (line === '.' ? '.' : '') : (line.split(' ')[0] ?? '');
        const answer = lines[verb];
        if (answer === 'close') socket.destroy();
        else if (answer !== undefined && answer !== 'silence') socket.write(`${answer}\r\n`);
        if (verb === 'DATA') inMessage = true;
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: portOf(server),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

const POLITE = {
  EHLO: '250 test',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  '.': '250 taken',
  QUIT: '221 bye',
};

function send(port: number, settings: Partial<MailSettings> = {}): Promise<MailReceipt> {
  const mailer = createMailer(
    {
      host: 'localhost',
      port,
      security: 'none',
      user: null,
      password: null,
      from: 'Portcullis <portcullis@example.test>',
      responders: [],
      ca: null,
      ...settings,
    },
    { connectMs: 1500, silenceMs: 1000 },
  );
  return sendTestMail(mailer, 'alice@example.test');
}

const failure = async (sending: Promise<MailReceipt>): Promise<MailError> => {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MailError) return error;
  throw new Error(`expected a MailError, got ${String(error)}`);
};

describe('what works', () => {
  test('STARTTLS with a login, certificate checked against the given authority', async () => {
    await using box = await startServer({ ...certificates.valid });
    const receipt = await send(box.port, {
      security: 'starttls',
      ca: certificates.valid.cert,
      user: 'u',
      password: new Secret('right'),
    });
    expect(receipt.messageId).toMatch(/^<[\w-]+@example\.test>$/);
    expect(box.logins).toEqual(['u secure']);
    expect(box.received[0]).toContain(receipt.messageId);
    expect(box.received[0]).toContain('Auto-Submitted: auto-generated');
  });

  test('TLS from the start', async () => {
    await using box = await startServer({ ...certificates.valid, secure: true });
    await send(box.port, { security: 'tls', ca: certificates.valid.cert });
    expect(box.received).toHaveLength(1);
  });
});

describe('nothing goes in the open', () => {
  test('security none is refused off loopback before anything is sent', () => {
    expect(() => send(25, { host: 'mail.example.com' })).toThrow('for loopback only');
  });

  test('a server, or somebody between, that offers no STARTTLS gets nothing', async () => {
    await using box = await startServer({ disabledCommands: ['STARTTLS'], hideSTARTTLS: true });
    const error = await failure(
      send(box.port, { security: 'starttls', user: 'u', password: new Secret('right') }),
    );
    expect(error.message).toContain('STARTTLS');
    expect([box.received, box.logins]).toEqual([[], []]);
  });

  test.each([
    ['signed by nobody we know', 'valid' as const, null],
    ['expired', 'expired' as const, 'own'],
  ])('a certificate that is %s is refused and explained', async (_name, which, ca) => {
    await using box = await startServer({ ...certificates[which] });
    const error = await failure(
      send(box.port, { security: 'starttls', ca: ca === null ? null : certificates[which].cert }),
    );
    expect(error.message).toMatch(/certificate is not accepted.*mail\.caFile/);
    expect(box.received).toEqual([]);
  });
});

describe('what fails says why, and whether the mail may have arrived', () => {
  test('nobody listens', async () => {
    const error = await failure(send(1));
    expect(error.message).toContain('nothing listens there. Check mail.host and mail.port.');
    expect([error.code, error.unknownOutcome, error.permanent]).toEqual(['E_MAIL', false, false]);
  });

  test('the login is refused', async () => {
    await using box = await startServer({ ...certificates.valid });
    const error = await failure(
      send(box.port, {
        security: 'starttls',
        ca: certificates.valid.cert,
        user: 'u',
        password: new Secret('wrong'),
      }),
    );
    expect(error.message).toContain('mail.passwordFile');
    expect(error.message).not.toContain('wrong"');
    expect(error.unknownOutcome).toBe(false);
  });

  test.each([
    ['the recipient for good', { RCPT: '550 no such mailbox' }, false, true, '550 no such mailbox'],
    ['the recipient for now', { RCPT: '450 later' }, false, false, '450 later'],
    ['the message for good', { '.': '554 looks like spam' }, false, true, '554 looks like spam'],
    ['the message by hanging up behind it', { '.': 'close' }, true, false, 'may have been delivered'],
    ['the message by silence behind it', { '.': 'silence' }, true, false, ''],
    ['the sender by hanging up', { MAIL: 'close' }, false, false, ''],
    ['everything by silence', { EHLO: 'silence', HELO: 'silence' }, false, false, 'no answer in time'],
  ])('refused: %s', async (_name, change, unknownOutcome, permanent, words) => {
    await using server = await startScript({ ...POLITE, ...change });
    const error = await failure(send(server.port));
    expect([error.unknownOutcome, error.permanent]).toEqual([unknownOutcome, permanent]);
    expect(error.message).toContain(words);
  });
});
