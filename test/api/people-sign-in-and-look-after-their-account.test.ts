import { afterEach, beforeEach, expect, test } from 'vitest';
import { authenticatorCode } from '#main/demo/authenticator.ts';
import { Secret } from '#lib/secret.ts';
import { revokeUserTokens } from '#state/token-writer.ts';
import { setPasswordHash } from '#state/user-writer.ts';
import { type Answer, type ApiBed, createApiBed } from './api-bed.ts';

const PASSWORD = 'an old but long pass phrase';
const NEW_PASSWORD = 'another quite long pass phrase';
let bed: ApiBed;
let userId = '';

beforeEach(async () => {
  bed = await createApiBed({ blockUsers: ['mallory'] });
  await bed.person('alice', ['user']);
  await bed.person('mallory', ['user']);
  for (const name of ['alice', 'mallory']) {
    const user = await bed.services.users.find(name);
    const hash = await bed.services.passwords.hash(new Secret(PASSWORD));
    await bed.services.state.transact((tx) => setPasswordHash(tx, user?.id ?? '', hash, bed.time.nowMs));
  }
  userId = (await bed.services.users.find('alice'))?.id ?? '';
});
afterEach(() => bed[Symbol.asyncDispose]());

function cookieOf(answer: Answer): string {
  return String(answer.headers['set-cookie'] ?? '').split(';')[0] ?? '';
}

const get = (path: string, cookie = '', address = '203.0.113.7'): Promise<Answer> =>
  bed.call('GET', path, { headers: { cookie, 'accept-language': 'en' }, address });

const post = (
  path: string,
  form: Readonly<Record<string, string>>,
  cookie = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  bed.call('POST', path, {
    form,
    headers: { cookie, 'accept-language': 'en', 'user-agent': 'Browser/1', ...headers },
  });

/** The cookie of a browser that is signed in now. */
async function signIn(password = PASSWORD): Promise<string> {
  const answer = await post('/sign-in', { username: 'alice', password });
  expect([answer.status, answer.headers['location']]).toEqual([303, '/account']);
  return cookieOf(answer);
}

const isIn = async (cookie: string): Promise<boolean> => (await get('/account', cookie)).status === 200;

async function submit(path: string, form: Readonly<Record<string, string>>, cookie: string): Promise<Answer> {
  const page = await get('/account', cookie);
  const token = /name="form" value="([0-9a-f]{64})"/.exec(page.text)?.[1] ?? '';
  return post(path, { form: token, ...form }, cookie);
}

/** Sets up an authenticator on the page; returns its secret and the recovery codes. */
async function enrol(
  cookie: string,
): Promise<{ readonly secret: string; readonly codes: readonly string[] }> {
  const shown = await submit('/account/second-factor', { present: PASSWORD }, cookie);
  const secret = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(shown.text)?.[1] ?? '';
  const code = authenticatorCode(secret, bed.time.nowMs);
  const done = await submit('/account/second-factor/finish', { code }, cookie);
  const codes = done.text.match(/[a-z2-7]{4}(?:-[a-z2-7]{4}){3}/g) ?? [];
  expect([shown.status, done.status, codes.length]).toEqual([200, 200, 10]);
  return { secret, codes };
}

test('signing in gives a cookie that scripts and other sites do not get, and is in the audit trail', async () => {
  const answer = await post('/sign-in', { username: 'Alice', password: PASSWORD });
  expect(answer.headers['set-cookie']).toMatch(/^portcullis=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const page = await get('/account', cookieOf(answer));
  expect(page.status).toBe(200);
  expect(page.text).toContain('You are signed in as alice.');
  expect(page.text).not.toContain('autofocus');
  expect(page.headers['content-security-policy']).not.toContain('script-src');
  const event = (await bed.events()).find(({ type }) => type === 'login.succeeded');
  expect(event).toMatchObject({ channel: 'web', user: 'alice', address: '203.0.113.7' });
  expect(event?.data).toMatchObject({ clientSoftware: 'Browser/1' });
  const stored = await bed.services.state.reader.selectFrom('web_sessions').select('hash').execute();
  expect(JSON.stringify(stored)).not.toContain(cookieOf(answer).slice('portcullis='.length));
});

test('over https the cookie is bound to the host', async () => {
  await using https = await createApiBed({ http: { publicUrl: 'https://gate.example.test' } });
  const user = await https.person('alice', ['user']).then(() => https.services.users.find('alice'));
  const hash = await https.services.passwords.hash(new Secret(PASSWORD));
  await https.services.state.transact((tx) => setPasswordHash(tx, user?.id ?? '', hash, 1));
  const answer = await https.call('POST', '/sign-in', { form: { username: 'alice', password: PASSWORD } });
  expect(answer.headers['set-cookie']).toMatch(/^__Host-portcullis=[\w-]{43}; .*; Secure$/);
});

test('wrong, unknown and blocked look the same, and leave a trace', async () => {
  const answers = [
    await post('/sign-in', { username: 'alice', password: 'wrong' }),
    await post('/sign-in', { username: 'nobody', password: PASSWORD }),
    await post('/sign-in', { username: 'mallory', password: PASSWORD }),
  ];
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers.map((one) => one.headers['set-cookie'])).toEqual([undefined, undefined, undefined]);
  const failed = (await bed.events()).filter(({ type }) => type === 'login.failed');
  expect(failed.map(({ channel, data }) => [channel, data['reason']])).toEqual([
    ['web', 'wrong_password'],
    ['web', 'unknown_user'],
    ['web', 'login_rule'],
  ]);
});

test('the cookie is no credential of the API', async () => {
  const cookie = await signIn();
  for (const path of ['/v1/me', '/api/v1/users/profile/'])
    expect((await get(path, cookie)).status, path).toBe(401);
});

test('an idle session ends, one in use goes on, none outlives its day', async () => {
  const cookie = await signIn();
  bed.time.nowMs += 29 * 60_000;
  expect(await isIn(cookie)).toBe(true);
  bed.time.nowMs += 29 * 60_000;
  expect(await isIn(cookie)).toBe(true);
  const idle = await signIn();
  for (let minutes = 58; minutes < 12 * 60 - 20; minutes += 20) {
    expect(await isIn(cookie)).toBe(true);
    bed.time.nowMs += 20 * 60_000;
  }
  expect(await isIn(idle)).toBe(false);
  bed.time.nowMs += 20 * 60_000;
  expect(await isIn(cookie)).toBe(false);
});

test.each([
  ['user', 'alice'],
  ['address', '203.0.113.0/24'],
  ['gateway', '*'],
] as const)(
  'a lock on the %s ends it for good, even one that is over before the next request',
  async (kind, target) => {
    const cookie = await signIn();
    const now = {
      targetKind: kind,
      target,
      mode: 'cut',
      reason: 'test',
      owner: 'root',
      expiresAt: null,
    } as const;
    const added = await bed.services.locks.addUnless(now, async () => null);
    await bed.services.locks.end('lock' in added ? added.lock.id : '', { by: 'root', reason: 'test' });
    bed.services.policy.policyChanged();
    expect(await isIn(cookie)).toBe(false);
  },
);

test('recovery, deletion and signing out end it', async () => {
  const first = await signIn();
  await bed.services.state.transact((tx) => revokeUserTokens(tx, userId, bed.time.nowMs));
  expect(await isIn(first)).toBe(false);
  const second = await signIn();
  expect((await submit('/sign-out', {}, second)).headers['set-cookie']).toContain('Max-Age=0');
  expect(await isIn(second)).toBe(false);
  const third = await signIn();
  await bed.services.state.transact((tx) => tx.deleteFrom('users').where('id', '=', userId).execute());
  expect(await isIn(third)).toBe(false);
});

test('a new password asks for the present one and ends every other web session', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  const change = { password: NEW_PASSWORD, repeat: NEW_PASSWORD };
  expect((await submit('/account/password', { ...change, present: 'guessed' }, mine)).status).toBe(400);
  expect(
    (await submit('/account/password', { present: PASSWORD, password: 'short', repeat: 'short' }, mine))
      .status,
  ).toBe(400);
  expect(await isIn(other)).toBe(true);
  const changed = await submit('/account/password', { ...change, present: PASSWORD }, mine);
  expect(changed.status).toBe(303);
  expect([await isIn(mine), await isIn(other), await isIn(cookieOf(changed))]).toEqual([false, false, true]);
  expect((await post('/sign-in', { username: 'alice', password: PASSWORD })).status).toBe(403);
  await signIn(NEW_PASSWORD);
});

test('a form without the token of the session, or from another site, changes nothing', async () => {
  const cookie = await signIn();
  const form = { present: PASSWORD, password: NEW_PASSWORD, repeat: NEW_PASSWORD };
  expect((await post('/account/password', { ...form, form: '0'.repeat(64) }, cookie)).status).toBe(403);
  expect((await post('/sign-out', {}, cookie)).status).toBe(403);
  const token = /name="form" value="([0-9a-f]{64})"/.exec((await get('/account', cookie)).text)?.[1] ?? '';
  const cross = await post('/account/password', { ...form, form: token }, cookie, {
    'sec-fetch-site': 'cross-site',
  });
  expect(cross.status).toBe(403);
  const forced = await post('/sign-in', { username: 'alice', password: PASSWORD }, '', {
    'sec-fetch-site': 'cross-site',
  });
  expect([forced.status, forced.headers['set-cookie']]).toEqual([403, undefined]);
  expect(await isIn(cookie)).toBe(true);
});

test('one signs out another browser of oneself, and of nobody else', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  const id = /name="session" value="([^"]+)"/.exec((await get('/account', mine)).text)?.[1] ?? '';
  await submit('/account/sessions/end', { session: id }, mine);
  expect([await isIn(mine), await isIn(other)]).toEqual([true, false]);
});

test('an authenticator is set up, asked for, and replaced only with a code of it', async () => {
  const cookie = await signIn();
  const { secret, codes } = await enrol(cookie);
  const challenged = await post('/sign-in', { username: 'alice', password: PASSWORD });
  expect(challenged.text).toContain('/sign-in/code');
  bed.time.nowMs += 30_000;
  const code = authenticatorCode(secret, bed.time.nowMs);
  const inside = await post('/sign-in/code', { code }, cookieOf(challenged));
  expect(inside.status).toBe(303);
  // The challenge is used up, and so is the code.
  expect((await post('/sign-in/code', { code }, cookieOf(challenged))).status).toBe(403);
  // Whoever holds the cookie and the password still cannot replace it.
  expect((await submit('/account/second-factor', { present: PASSWORD }, cookie)).status).toBe(400);
  const renewed = await submit(
    '/account/recovery-codes',
    { present: PASSWORD, 'present-code': codes[0] ?? '' },
    cookie,
  );
  expect(renewed.status).toBe(200);
  const again = await post('/sign-in', { username: 'alice', password: PASSWORD });
  expect((await post('/sign-in/code', { code: codes[1] ?? '' }, cookieOf(again))).status).toBe(403);
  const types = (await bed.events()).map(({ type }) => type);
  expect(types).toContain('user.recovery_codes_renewed');
});

test('a wrong password with a right code looks like a right password with a wrong code', async () => {
  const { codes } = await enrol(await signIn());
  const outcomes: string[] = [];
  for (const [password, code] of [
    ['wrong', codes[0] ?? ''],
    [PASSWORD, '000000'],
  ] as const) {
    const challenged = await post('/sign-in', { username: 'alice', password });
    const answer = await post('/sign-in/code', { code }, cookieOf(challenged));
    outcomes.push(`${challenged.status} ${challenged.text} ${answer.status} ${answer.text}`);
  }
  expect(outcomes[0]).toBe(outcomes[1]);
});

test('who owes a second factor can set one up and do nothing else', async () => {
  await bed.services.state.transact((tx) =>
    tx.updateTable('users').set({ secondFactor: 1 }).where('id', '=', userId).execute(),
  );
  const cookie = await signIn();
  const page = await get('/account', cookie);
  expect(page.text).toContain('A second factor is demanded of you.');
  expect(page.text).not.toContain('/account/password');
  const form = { present: PASSWORD, password: NEW_PASSWORD, repeat: NEW_PASSWORD };
  expect((await submit('/account/password', form, cookie)).status).toBe(400);
  await enrol(cookie);
  expect((await get('/account', cookie)).text).toContain('/account/password');
});
