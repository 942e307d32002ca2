import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SMTPServerOptions } from 'smtp-server';
import { Secret } from '#lib/secret.ts';
import { testMail } from '#responder/mail/test-mail.ts';
import {
  type Certificates,
  failure,
  mailerTo,
  makeCertificates,
  POLITE,
  refusal,
  send,
  startScript,
  startServer,
} from './mail-bed.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates[Symbol.asyncDispose]());

const PLAIN: SMTPServerOptions = { disabledCommands: ['STARTTLS', 'AUTH'] };

test('nobody listens', async () => {
  const error = await failure(send(1));
  expect(error.message).toBe(
    'The mail server localhost:1 did not take the mail: nothing listens there. Check mail.host and mail.port, and that the mail server runs.',
  );
  expect([error.code, error.unknownOutcome, error.permanent]).toEqual(['E_MAIL', false, false]);
});

test('the name leads nowhere', async () => {
  const error = await failure(send(25, { host: 'mail.no-such-host.invalid', security: 'starttls' }));
  expect(error.message).toMatch(/not known to DNS\. Check mail\.host|DNS gives no answer/);
  expect([error.stage, error.permanent]).toEqual(['connect', false]);
});

test('the login is refused: not tried again, and the password is in no message', async () => {
  await using box = await startServer({ ...certificates.valid });
  const login = { user: 'u', password: new Secret('mistyped') };
  const error = await failure(send(box.port, { security: 'starttls', ca: certificates.ca, ...login }));
  expect(error.message).toMatch(/refused the login: it said "535 .*Check mail\.user and mail\.passwordFile/);
  expect(error.message).not.toContain('mistyped');
  expect([error.unknownOutcome, error.permanent]).toEqual([false, true]);
});

test('no login is offered', async () => {
  await using box = await startServer({ ...certificates.valid, disabledCommands: ['AUTH'] });
  const login = { user: 'u', password: new Secret('right') };
  const error = await failure(send(box.port, { security: 'starttls', ca: certificates.ca, ...login }));
  expect(error.message).toMatch(/login/);
  expect(box.received).toEqual([]);
});

describe('refusals: for good is final, for now is tried again', () => {
  test.each<[string, (refused: Error) => SMTPServerOptions, string]>([
    ['the sender', (refused) => ({ onMailFrom: (_a, _s, done) => done(refused) }), 'sender'],
    ['the recipient', (refused) => ({ onRcptTo: (_a, _s, done) => done(refused) }), 'recipient'],
    [
      'the message',
      (refused) => ({
        onData(stream, _session, done) {
          stream.resume();
          stream.on('end', () => done(refused));
        },
      }),
      'message',
    ],
  ])('%s', async (_name, hooks, words) => {
    for (const code of [550, 451]) {
      await using box = await startServer({ ...PLAIN, ...hooks(refusal(code, 'not here')) });
      const error = await failure(send(box.port));
      expect(error.message).toMatch(
        code === 550
          ? new RegExp(`refused the ${words}: it said "550 .*"\\. (Check|Ask)`)
          : new RegExp(`refused the ${words} for now: it said "451 `),
      );
      expect([error.unknownOutcome, error.permanent]).toEqual([false, code === 550]);
    }
  });

  test('at DATA and in the greeting', async () => {
    await using atData = await startScript({ ...POLITE, DATA: '554 no' });
    expect(await failure(send(atData.port))).toMatchObject({ stage: 'data', permanent: true });
    await using atGreeting = await startScript({ ...POLITE, connect: '554 go away\u001B[2J' });
    const error = await failure(send(atGreeting.port));
    expect(error.message).toContain('it said "554 go away\\x1b[2J" instead of the greeting');
    await using busy = await startScript({ ...POLITE, connect: '421 too busy' });
    expect(await failure(send(busy.port))).toMatchObject({ permanent: false, unknownOutcome: false });
  });

  test('one recipient of two: the other has it, and who has not is said', async () => {
    await using box = await startServer({
      ...PLAIN,
      onRcptTo: ({ address }, _s, done) =>
        address.startsWith('bob') ? done(refusal(550, 'no bob')) : done(),
    });
    const mail = { ...testMail('x'), to: ['alice@example.test', 'Bob <bob@example.test>'] };
    const receipt = await mailerTo(box.port).send(mail);
    expect(receipt.refused).toEqual([
      { address: 'bob@example.test', reply: expect.stringContaining('550'), permanent: true },
    ]);
    expect(box.recipients).toEqual([['alice@example.test']]);
  });
});

describe('a server that stalls is left, and the message says where', () => {
  test.each<[string, SMTPServerOptions, string]>([
    ['before the greeting', { onConnect: () => {} }, 'the greeting'],
    ['at MAIL FROM', { onMailFrom: () => {} }, 'the answer to MAIL FROM'],
    ['at RCPT TO', { onRcptTo: () => {} }, 'the answer to RCPT TO'],
  ])('%s', async (_name, hooks, words) => {
    await using box = await startServer({ ...PLAIN, ...hooks });
    const error = await failure(send(box.port));
    expect(error.message).toContain(`no answer within 0.7 s while waiting for ${words}`);
    expect([error.unknownOutcome, error.permanent, box.received]).toEqual([false, false, []]);
  });

  test.each([
    ['at EHLO', { EHLO: 'silence' }, 'the answer to EHLO'],
    ['at EHLO, a byte at a time', { EHLO: 'drip' }, 'the answer to EHLO'],
    ['at DATA', { DATA: 'silence' }, 'the answer to DATA'],
  ])('%s', async (_name, change, words) => {
    await using server = await startScript({ ...POLITE, ...change });
    const error = await failure(send(server.port));
    expect(error.message).toContain(`no answer within 0.7 s while waiting for ${words}`);
    expect(error.unknownOutcome).toBe(false);
  });

  test('at the TLS handshake, after STARTTLS and from the start', async () => {
    const patient = { connectMs: 700, answerMs: 700, mailMs: 2500 };
    await using upgrading = await startScript({
      ...POLITE,
      EHLO: '250-test\r\n250 STARTTLS',
      STARTTLS: '220 go on',
    });
    await using silent = await startScript({});
    for (const [security, port] of [
      ['starttls', upgrading.port],
      ['tls', silent.port],
    ] as const) {
      const error = await failure(mailerTo(port, { security }, patient).send(testMail('a@example.test')));
      expect(error.message).toMatch(
        /0\.7 s while waiting for the TLS handshake.*mail\.security fits the port/,
      );
    }
    await using mute = await startScript({});
    const error = await failure(
      mailerTo(mute.port, { security: 'starttls' }, patient).send(testMail('a@b.test')),
    );
    expect(error.message).toMatch(/waiting for the greeting.*port 465.*mail\.security: tls/);
  });

  test('at the login', async () => {
    await using box = await startServer({ ...certificates.valid, onAuth: () => {} });
    const settings = {
      security: 'starttls',
      ca: certificates.ca,
      user: 'u',
      password: new Secret('right'),
    } as const;
    const mailer = mailerTo(box.port, settings, { connectMs: 5000, answerMs: 1500, mailMs: 9000 });
    const error = await failure(mailer.send(testMail('a@example.test')));
    expect(error.message).toContain('no answer within 1.5 s while waiting for the answer to the login');
  });
});

describe('after the message was begun, nobody knows', () => {
  test.each([
    ['the connection is cut', { '.': 'close' }, 'the connection broke while the message was under way'],
    ['no answer comes', { '.': 'silence' }, 'waiting for the word that the message was taken'],
  ])('%s', async (_name, change, words) => {
    await using server = await startScript({ ...POLITE, ...change });
    const error = await failure(send(server.port));
    expect(error.message).toContain(words);
    expect(error.message).toContain(
      'may have been delivered. Look into the mailbox before you send it again',
    );
    expect([error.unknownOutcome, error.permanent]).toEqual([true, false]);
  });

  test('before it, it is certain: the connection is cut at MAIL FROM and at DATA', async () => {
    for (const verb of ['MAIL', 'DATA']) {
      await using server = await startScript({ ...POLITE, [verb]: 'close' });
      const error = await failure(send(server.port));
      expect(error.message).toContain('closed the connection while it was waited for the answer to');
      expect(error.unknownOutcome).toBe(false);
    }
  });
});

test('what must be stored before the message is, and when it cannot be, no message is sent', async () => {
  await using box = await startServer(PLAIN);
  const order: string[] = [];
  await mailerTo(box.port).send(testMail('a@example.test'), {
    beforeMessage: async () => void order.push(`stored, ${box.received.length} received`),
  });
  expect(order).toEqual(['stored, 0 received']);
  const error = await failure(
    mailerTo(box.port).send(testMail('b@example.test'), {
      beforeMessage: () => Promise.reject(new Error('the disk is full')),
    }),
  );
  expect([error.message.includes('the disk is full'), error.unknownOutcome]).toEqual([true, false]);
  expect(box.received).toHaveLength(1);
});
