import { afterAll, beforeAll, expect, test } from 'vitest';
import { PortcullisError } from '#contract/errors.ts';
import type { MailTest } from '#contract/resources/mail-test.ts';
import { buildServer } from '#api/server.ts';
import type { Services } from '#api/services.ts';
import { QueueFullError } from '#lib/work-queue.ts';
import { type ApiBed, createApiBed, quietLogger } from './api-bed.ts';

let bed: ApiBed;
beforeAll(async () => {
  bed = await createApiBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

/** The administrator's door of a server whose mail service fails in this way. */
async function testMail(sendTest: Services['mail']['sendTest']): Promise<{ status: number; text: string }> {
  const app = await buildServer({
    services: { ...bed.services, mail: { ...bed.services.mail, sendTest } },
    http: { listen: [], tls: null, trustedProxies: [], publicUrl: null, jumpserverVersion: 4 },
    logger: quietLogger,
    metrics: bed.metrics,
    version: '0',
    tls: null,
    door: 'local',
    authenticator: {
      authenticate: () => Promise.reject(new Error('not asked')),
      noteForbidden: () => Promise.resolve(),
      [Symbol.asyncDispose]: async () => undefined,
    },
  });
  try {
    const answer = await app.inject({
      method: 'POST',
      url: '/v1/mail/test',
      payload: { to: 'a@example.test' },
    });
    return { status: answer.statusCode, text: answer.payload };
  } finally {
    await app.close();
  }
}

test('a defect is answered with a request id and nothing else', async () => {
  const answer = await testMail(() => Promise.reject(new Error('password hunter2 at /root/secret.ts:1')));
  expect(answer.status).toBe(500);
  expect(answer.text).toMatch(/"code":"E_INTERNAL".*"requestId":"[0-9a-f-]{36}"/);
  expect(answer.text).not.toMatch(/hunter2|secret\.ts|stack/);
});

test.each([
  [
    'an error for people keeps its words',
    new PortcullisError('E_MAIL', 'Said no: 550.'),
    502,
    'Said no: 550.',
  ],
  ['too much work is a reason to try again', new QueueFullError('full'), 503, 'E_UNAVAILABLE'],
])('%s', async (_name, error, status, words) => {
  const answer = await testMail(() => Promise.reject(error));
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(words);
});

test('an error that crossed a thread and lost its class is still told as it is', async () => {
  const error = Object.assign(new Error('Another process owns the folder.'), { code: 'E_DATA_DIR_IN_USE' });
  error.name = 'PortcullisError';
  const answer = await testMail(() => Promise.reject(error));
  expect(answer.status).toBe(503);
  expect(answer.text).toContain('Another process owns the folder.');
});

test('an answer that does not fit the contract is a defect and is not sent', async () => {
  const answer = await testMail(() => Promise.resolve(7 as unknown as MailTest));
  expect(answer.status).toBe(500);
  expect(answer.text).not.toContain('7,');
});

test('what a service knows beyond the contract is not sent', async () => {
  await bed.person('alice', ['user']);
  const added = await bed.local('POST', '/v1/locks', { targetKind: 'user', target: 'alice' });
  expect(added.status).toBe(201);
  expect(Object.keys(added.body).sort()).toEqual(['containment', 'lock']);
  expect(Object.keys(added.body['lock'] as object)).not.toContain('targetKey');
});
