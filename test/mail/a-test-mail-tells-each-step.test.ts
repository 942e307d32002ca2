import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkMailServer } from '#api/doctor/check-mail.ts';
import { Secret } from '#lib/secret.ts';
import { composeMailService } from '#main/serve/mail.ts';
import { type Certificates, mailerTo, makeCertificates, refusal, startServer } from './mail-bed.ts';

let certificates: Certificates;
beforeAll(async () => {
  certificates = await makeCertificates();
});
afterAll(() => certificates[Symbol.asyncDispose]());

const settings = (): Parameters<typeof mailerTo>[1] => ({
  security: 'starttls',
  ca: certificates.ca,
  user: 'gate',
  password: new Secret('right'),
});

test('every step of a mail that is taken', async () => {
  await using box = await startServer({ ...certificates.valid });
  const report = await composeMailService(mailerTo(box.port, settings())).sendTest('alice@example.test');
  expect(report).toMatchObject({ accepted: true, answer: expect.stringMatching(/^250 /) });
  expect(report.steps.map(({ name, ok }) => [name, ok])).toEqual([
    ['connect', true],
    ['greeting', true],
    ['encryption', true],
    ['login', true],
    ['recipients', true],
    ['message', true],
  ]);
  const detail = report.steps.map((step) => step.detail);
  expect(detail[0]).toMatch(new RegExp(`^(127\\.0\\.0\\.1|::1) answers on port ${box.port}$`));
  expect(detail[1]).toMatch(/^220 /);
  expect(detail[2]).toMatch(
    /^TLSv1\.[23], certificate of localhost, issued by own-authority, valid until \d{4}-\d\d-\d\d$/,
  );
  expect(detail.slice(3, 5)).toEqual(['as gate', 'alice@example.test']);
});

test('the steps before the one that failed, and why it failed', async () => {
  await using box = await startServer({
    ...certificates.valid,
    onMailFrom: (_address, _session, done) => done(refusal(553, 'not yours')),
  });
  const report = await composeMailService(mailerTo(box.port, settings())).sendTest('alice@example.test');
  expect(report).toMatchObject({ accepted: false, answer: null });
  expect(report.steps.map(({ name, ok }) => [name, ok])).toEqual([
    ['connect', true],
    ['greeting', true],
    ['encryption', true],
    ['login', true],
    ['recipients', false],
  ]);
  expect(report.steps.at(-1)?.detail).toMatch(
    /refused the sender: it said "553 .*not yours"\. Check mail\.from/,
  );
});

test('without a mail server it says what to set', async () => {
  await expect(composeMailService(null).sendTest('a@example.test')).rejects.toThrow('Set mail.host');
});

test('the doctor goes up to the login, sends nothing, and warns of a certificate that ends soon', async () => {
  await using box = await startServer({ ...certificates.valid });
  const report = await mailerTo(box.port, settings()).report(null);
  expect([box.logins, box.received]).toEqual([['gate secure'], []]);
  expect(checkMailServer(report, Date.now())).toMatchObject({
    status: 'warning',
    advice: expect.stringContaining('expires on'),
  });
  expect(checkMailServer(report, Date.now() - 30 * 86_400_000)).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining('login: as gate'),
  });
});

test('the doctor says what is wrong with the way to the mail server', async () => {
  await using box = await startServer({ ...certificates.expired });
  expect(checkMailServer(await mailerTo(box.port, settings()).report(null), Date.now())).toMatchObject({
    status: 'failure',
    detail: expect.stringMatching(/^encryption: .*has expired/),
  });
  expect(checkMailServer(null, 0)).toMatchObject({
    status: 'warning',
    advice: expect.stringContaining('mail.host'),
  });
});
