import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toBase32 } from '#identity/base32.ts';
import { enrolSecondFactor, newTotpSecret } from '#identity/enrolment.ts';
import { Secret } from '#lib/secret.ts';
import { setPasswordHash } from '#state/user-writer.ts';
import { type Answer, type ApiBed, createApiBed } from '../api/api-bed.ts';
import { authenticatorCode } from '#main/demo/authenticator.ts';

const PASSWORD = 'a pass phrase of alice';
const AUTH = '/api/v1/authentication/auth/';
const CHALLENGE = '/api/v1/authentication/mfa/challenge/';

let bed: ApiBed;
let aliceId: string;
beforeEach(async () => {
  bed = await createApiBed();
  await bed.person('alice', ['admin']);
  await bed.person('robot', ['admin'], 'service');
  await bed.person('lara', ['user']);
  const { state } = bed.storage;
  const rows = await state.reader.selectFrom('users').select(['id', 'username']).execute();
  aliceId = rows.find((one) => one.username === 'alice')?.id ?? '';
  const hash = await bed.services.passwords.hash(new Secret(PASSWORD));
  await state.transact(async (tx) => {
    for (const { id } of rows) await setPasswordHash(tx, id, hash, bed.time.nowMs);
  });
  await bed.local('POST', '/v1/users/lara/lock', { reason: 'test' });
});
afterEach(() => bed[Symbol.asyncDispose]());

const signIn = (username: string, password: string, headers: Record<string, string> = {}): Promise<Answer> =>
  bed.call('POST', AUTH, { body: { username, password }, headers: { 'user-agent': 'siem/1.0', ...headers } });
const cookieOf = (answer: Answer): string => String(answer.headers['set-cookie']).split(';')[0] ?? '';
const answerChallenge = (cookie: string, code: string): Promise<Answer> =>
  bed.call('POST', CHALLENGE, { body: { type: 'otp', code }, headers: { cookie } });

async function enrol(): Promise<(awaySteps: number) => string> {
  const secret = newTotpSecret();
  const text = toBase32(secret.expose());
  const code = (away: number): string => authenticatorCode(text, bed.time.nowMs + away * 30_000);
  await bed.storage.state.transact((tx, emit) =>
    enrolSecondFactor(
      tx,
      emit,
      bed.services.vault,
      { userId: aliceId, username: 'alice', by: 'alice', address: null, secret, code: new Secret(code(0)) },
      bed.time.nowMs,
    ),
  );
  return code;
}

describe('with a password alone', () => {
  test.each([AUTH, '/api/v1/authentication/tokens/', '/api/v1/authentication/auth'])(
    '%s gives a bearer token of a day',
    async (path) => {
      const answer = await bed.call('POST', path, { body: { username: 'alice', password: PASSWORD } });
      expect(answer.status).toBe(201);
      expect(answer.body).toMatchObject({ keyword: 'Bearer', user: { username: 'alice' } });
      expect(answer.body['date_expired']).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \+0000$/);
      const token = String(answer.body['token']);
      expect((await bed.call('GET', '/api/v1/users/profile/', { token })).body['username']).toBe('alice');
      bed.time.nowMs += 24 * 3_600_000;
      expect((await bed.call('GET', '/api/v1/users/profile/', { token })).status).toBe(401);
    },
  );

  test('whoever is refused is refused in the same way, and the audit trail knows why', async () => {
    const answers = [
      await signIn('alice', 'wrong'),
      await signIn('nobody', PASSWORD),
      await signIn('lara', PASSWORD),
      await signIn('robot', PASSWORD),
      await signIn('', ''),
      await signIn('a\u0000b; drop', PASSWORD),
    ];
    for (const { status, text } of answers) expect([status, text]).toEqual([400, answers[0]?.text]);
    expect(answers[0]?.body).toEqual({ error: 'password_failed', msg: expect.any(String) });
    const failed = (await bed.events()).filter((one) => one.type === 'login.failed');
    expect(failed.map((one) => one.data['reason'])).toEqual([
      'wrong_password',
      'unknown_user',
      'locked',
      'service_user',
      'unknown_user',
      'unknown_user',
    ]);
    for (const one of failed)
      expect(one).toMatchObject({ channel: 'api', data: { clientSoftware: 'siem/1.0' } });
    expect(failed.every((one) => one.user === undefined)).toBe(true);
  });

  test('many sign-ins leave a bounded number of tokens', async () => {
    for (let count = 0; count < 55; count += 1) expect((await signIn('alice', PASSWORD)).status).toBe(201);
    const valid = await bed.local('GET', '/v1/tokens?user=alice');
    expect(valid.body.items?.filter((one) => one['name'] === 'signed in with a password')).toHaveLength(50);
  });

  test.each([
    ['nothing', undefined],
    ['an array', []],
    ['numbers', { username: 1, password: 2 }],
    ['a name alone', { username: 'alice' }],
  ])('%s is a bad request that names the fields', async (_, body) => {
    const answer = await bed.call('POST', AUTH, { body });
    expect(answer.status).toBe(400);
    expect(Object.values(answer.body).every((one) => Array.isArray(one))).toBe(true);
  });
});

describe('with a second factor', () => {
  test('password, challenge, code, and the password again give a token', async () => {
    const code = await enrol();
    const challenged = await signIn('alice', PASSWORD);
    expect(challenged).toMatchObject({
      status: 200,
      body: { error: 'mfa_required', data: { choices: ['otp'], url: CHALLENGE } },
    });
    expect(String(challenged.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/);
    const cookie = cookieOf(challenged);
    // The cookie is no credential.
    expect((await bed.call('GET', '/api/v1/users/profile/', { headers: { cookie } })).status).toBe(401);
    expect(await answerChallenge(cookie, '000000')).toMatchObject({
      status: 401,
      body: { error: 'mfa_failed' },
    });
    expect(await answerChallenge(cookie, code(1))).toMatchObject({ status: 200, body: { msg: 'ok' } });
    // Whoever has the cookie and not the password gets nowhere.
    expect((await signIn('alice', 'another', { cookie })).body).toMatchObject({ error: 'mfa_required' });
    const done = await signIn('alice', PASSWORD, { cookie });
    expect(done.status).toBe(201);
    expect((await signIn('alice', PASSWORD, { cookie })).status).toBe(200);
    const events = await bed.events();
    expect(events.find((one) => one.type === 'login.succeeded')).toMatchObject({
      user: 'alice',
      channel: 'api',
      data: { secondFactor: 'given', clientSoftware: 'siem/1.0' },
    });
  });

  test('a wrong password is challenged like a right one, and its code refused', async () => {
    const code = await enrol();
    const challenged = await signIn('alice', 'wrong');
    expect([challenged.status, challenged.text]).toEqual([200, (await signIn('alice', PASSWORD)).text]);
    const refused = await answerChallenge(cookieOf(challenged), code(1));
    expect([refused.status, refused.body['error']]).toEqual([401, 'mfa_failed']);
    // The code was not used up by that.
    const cookie = cookieOf(await signIn('alice', PASSWORD));
    expect((await answerChallenge(cookie, code(1))).status).toBe(200);
  });

  test('what was passed before the password was killed gives nothing afterwards', async () => {
    const code = await enrol();
    const cookie = cookieOf(await signIn('alice', PASSWORD));
    expect((await answerChallenge(cookie, code(1))).status).toBe(200);
    await bed.storage.state.transact((tx) => setPasswordHash(tx, aliceId, null, bed.time.nowMs));
    expect(await signIn('alice', PASSWORD, { cookie })).toMatchObject({
      status: 400,
      body: { error: 'password_failed' },
    });
  });

  test('a code without a sign-in', async () => {
    expect(await answerChallenge('jms_sessionid=forged', '123456')).toMatchObject({
      status: 400,
      body: { error: 'session_empty' },
    });
  });

  test('demanded and not set up: no token', async () => {
    await bed.local('PATCH', '/v1/users/alice', { secondFactor: true });
    expect(await signIn('alice', PASSWORD)).toMatchObject({ status: 400, body: { error: 'mfa_unset' } });
  });
});
