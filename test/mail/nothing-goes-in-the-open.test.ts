import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { refuseInTheOpen } from '#responder/mail/smtp-conversation.ts';
import {
  type Certificates,
  failure,
  makeCertificates,
  POLITE,
  send,
  startScript,
  startServer,
  startStripper,
} from './mail-bed.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates[Symbol.asyncDispose]());

const LOGIN = { user: 'u', password: new Secret('right') };

describe('what works', () => {
  test('STARTTLS with a login, certificate checked against the given authority', async () => {
    await using box = await startServer({ ...certificates.valid });
    const receipt = await send(box.port, { security: 'starttls', ca: certificates.ca, ...LOGIN });
    expect(receipt.messageId).toMatch(/^<[\w-]+@example\.test>$/);
    expect(box.logins).toEqual(['u secure']);
    expect(box.received[0]).toContain(receipt.messageId);
  });

  test('TLS from the start', async () => {
    await using box = await startServer({ ...certificates.valid, secure: true });
    await send(box.port, { security: 'tls', ca: certificates.ca, ...LOGIN });
    expect([box.logins, box.received.length]).toEqual([['u secure'], 1]);
  });
});

describe('in the open only on loopback, and no password even there', () => {
  test('refused before anything is sent', () => {
    expect(() => send(25, { host: 'mail.example.com' })).toThrow('for loopback only');
    expect(() => send(25, { host: '127.0.0.1.example.com' })).toThrow('for loopback only');
    expect(() => send(25, LOGIN)).toThrow('a password is never sent in the open');
  });

  test('a name that should be this machine and leads elsewhere', () => {
    expect(() => refuseInTheOpen('localhost', '127.0.0.1')).not.toThrow();
    expect(() => refuseInTheOpen('localhost', '::1')).not.toThrow();
    expect(() => refuseInTheOpen('localhost', '::ffff:127.0.0.1')).not.toThrow();
    for (const address of ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', ''])
      expect(() => refuseInTheOpen('localhost', address)).toThrow('Nothing was sent');
  });
});

describe('stripped STARTTLS', () => {
  test('a server that does not offer it gets nothing', async () => {
    await using box = await startServer({ disabledCommands: ['STARTTLS'], hideSTARTTLS: true });
    const error = await failure(send(box.port, { security: 'starttls', ...LOGIN }));
    expect(error.message).toMatch(/offers no STARTTLS.*Nothing was sent in the open\..*mail\.security: tls/);
    expect([box.received, box.logins]).toEqual([[], []]);
  });

  test('a server that only knows HELO gets nothing', async () => {
    await using server = await startScript({ ...POLITE, EHLO: '502 what?', HELO: '250 test' });
    const error = await failure(send(server.port, { security: 'starttls', ...LOGIN }));
    expect(error.message).toContain('offers no STARTTLS (it said "502 what?")');
    expect(server.heard.filter((line) => !line.startsWith('EHLO '))).toEqual([]);
  });

  test.each([
    ['refuses it', '502 unknown command', 'offers no STARTTLS'],
    ['pretends to agree', '220 go on', 'TLS handshake failed'],
  ])('somebody between who takes the offer away and %s reads nothing', async (_what, answer, words) => {
    await using box = await startServer({ ...certificates.valid });
    await using between = await startStripper(box.port, answer);
    const error = await failure(send(between.port, { security: 'starttls', ca: certificates.ca, ...LOGIN }));
    expect(error.message).toContain(words);
    // Without TLS anybody can write a refusal: it is tried again.
    expect([error.permanent, error.unknownOutcome]).toEqual([false, false]);
    const [hello = '', command = '', ...rest] = between.heard;
    expect(hello).toMatch(/^EHLO \S+\r\n$/);
    expect(command).toBe('STARTTLS\r\n');
    // A TLS handshake record or nothing (RFC 8446 section 5.1).
    for (const bytes of rest) expect(bytes.slice(0, 2)).toMatch(/^[\u0015\u0016]\u0003/);
    expect([box.received, box.logins]).toEqual([[], []]);
  });

  test('answers sent along before the handshake are not believed', async () => {
    await using box = await startServer({ ...certificates.valid });
    await using between = await startStripper(
      box.port,
      '220 go on\r\n250 AUTH PLAIN\r\n235 welcome\r\n250 ok',
    );
    await failure(send(between.port, { security: 'starttls', ca: certificates.ca, ...LOGIN }));
    expect(between.heard[1]).toBe('STARTTLS\r\n');
    expect(between.heard.join('')).not.toMatch(/AUTH|MAIL FROM|Subject/);
  });
});

describe('certificates', () => {
  test.each([
    ['expired', 'expired' as const, /has expired\. Renew it on the mail server/],
    [
      'for another host',
      'otherHost' as const,
      /it is for DNS:mx\.elsewhere\.test, and mail\.host is localhost/,
    ],
    ['self-signed', 'selfSigned' as const, /is self-signed.*openssl s_client.*mail\.caFile/],
    [
      'from an authority nobody knows',
      'strangersCa' as const,
      /authority that is not known here.*mail\.caFile/,
    ],
  ])('%s: refused and explained, with both kinds of TLS', async (_name, which, words) => {
    for (const security of ['starttls', 'tls'] as const) {
      await using box = await startServer({ ...certificates[which], secure: security === 'tls' });
      const error = await failure(send(box.port, { security, ca: certificates.ca, ...LOGIN }));
      expect(error.message).toMatch(words);
      expect([error.stage, error.permanent]).toEqual(['tls', false]);
      expect([box.received, box.logins]).toEqual([[], []]);
    }
  });

  test('a self-signed certificate that is named in mail.caFile is good', async () => {
    await using box = await startServer({ ...certificates.selfSigned });
    await send(box.port, { security: 'starttls', ca: certificates.selfSigned.cert });
    expect(box.received).toHaveLength(1);
  });
});

describe('the wrong kind of TLS for the port', () => {
  test('TLS from the start against a server that begins in the open', async () => {
    await using box = await startServer({ ...certificates.valid });
    const error = await failure(send(box.port, { security: 'tls', ca: certificates.ca, ...LOGIN }));
    expect(error.message).toMatch(
      /TLS handshake failed \(wrong version number\).*port 587.*mail\.security: starttls/,
    );
  });
});
