import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashSecret } from '#identity/tokens.ts';
import { newId } from '#lib/ids.ts';
import { type Answer, type ApiBed, createApiBed } from '../api/api-bed.ts';
import { items, openWebSession } from './contract-bed.ts';

const KEYS = '/api/v1/authentication/access-keys/';
const DATE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d [+-]\d{4}$/;

let bed: ApiBed;
let alice: string;
let robot: string;
beforeEach(async () => {
  bed = await createApiBed();
  alice = await bed.person('alice', ['user']);
  robot = await bed.person('robot', ['admin'], 'service');
  // An administrator is always left.
  await bed.person('root', ['admin']);
});
afterEach(() => bed[Symbol.asyncDispose]());

describe('one’s own access keys', () => {
  const create = (token: string, body: unknown = {}): Promise<Answer> =>
    bed.call('POST', KEYS, { token, body });

  test('are made, listed, shown and deleted; the secret is told once', async () => {
    const created = await create(alice);
    expect(created).toMatchObject({
      status: 201,
      body: {
        is_active: true,
        date_created: expect.stringMatching(DATE),
        date_last_used: null,
        ip_group: ['*'],
        secret: expect.stringMatching(/^[\w-]{36}$/),
      },
    });
    const { secret, ...shown } = created.body;
    const path = `${KEYS}${String(shown['id'])}/`;
    const listed = await bed.call('GET', KEYS, { token: alice });
    expect([listed.status, listed.body]).toEqual([200, [shown]]);
    expect((await bed.call('GET', path, { token: alice })).body).toEqual(shown);
    expect(JSON.stringify(await bed.events())).not.toContain(String(secret));

    // Nobody reaches the keys of others this way, administrators neither.
    expect(items(await bed.call('GET', KEYS, { token: robot }))).toEqual([]);
    for (const method of ['GET', 'DELETE'])
      expect((await bed.call(method, path, { token: robot })).status).toBe(404);
    expect(await bed.call('DELETE', path, { token: alice })).toMatchObject({ status: 204, text: '' });
    expect((await bed.call('DELETE', path, { token: alice })).status).toBe(404);
    expect((await bed.call('PATCH', path, { token: alice, body: {} })).status).toBe(405);
  });

  test('are ten at the most, also when they are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 12 }, () => create(alice)));
    expect(made.map((one) => one.status).toSorted((a, b) => a - b)).toEqual([
      ...Array<number>(10).fill(201),
      400,
      400,
    ]);
    expect(made.find((one) => one.status === 400)?.body).toEqual({ error: expect.any(String) });
    const [first] = items(await bed.call('GET', KEYS, { token: alice }));
    await bed.call('DELETE', `${KEYS}${String(first?.['id'])}/`, { token: alice });
    expect((await create(alice)).status).toBe(201);
  });

  test('are not bound to addresses and not switched off: whoever asks for that is told', async () => {
    expect((await create(alice, { is_active: true, ip_group: ['*'] })).status).toBe(201);
    expect(await create(alice, { ip_group: ['10.0.0.0/8'], is_active: false })).toMatchObject({
      status: 400,
      body: { is_active: [expect.any(String)], ip_group: [expect.stringContaining('login rules')] },
    });
  });

  test('end with the credential they were made with', async () => {
    const short = await bed.call('POST', '/v1/tokens', {
      token: alice,
      body: { user: 'alice', expiresAt: bed.time.nowMs + 60_000 },
    });
    await create(String(short.body['token']));
    expect(items(await bed.call('GET', KEYS, { token: alice }))).toHaveLength(1);
    bed.time.nowMs += 60_000;
    expect(items(await bed.call('GET', KEYS, { token: alice }))).toEqual([]);
  });

  test('are nobody’s over the administrator’s socket', async () => {
    expect((await bed.local('POST', KEYS, {})).status).toBe(404);
  });
});

test('OPTIONS describes a known path, for whoever may know it', async () => {
  const path = '/api/v1/users/users/';
  const answer = await bed.call('OPTIONS', path, { token: alice });
  expect(answer).toMatchObject({
    status: 200,
    headers: { allow: 'GET, PATCH, OPTIONS' },
    body: {
      name: path,
      description: expect.any(String),
      renders: ['application/json'],
      parses: ['application/json'],
    },
  });
  expect((await bed.call('OPTIONS', path)).status).toBe(401);
  expect((await bed.call('OPTIONS', '/api/v1/authentication/auth/')).status).toBe(200);
  expect((await bed.call('OPTIONS', '/api/v1/nothing/', { token: alice })).status).toBe(404);
});

test('no credential counts when it comes as a cookie', async () => {
  const cookie = newId();
  const userId = (await bed.services.users.find('robot'))?.id ?? '';
  await bed.storage.state.transact(async (tx) => {
    await tx
      .insertInto('web_sessions')
      .values({ ...openWebSession(userId, bed.time.nowMs), hash: hashSecret(cookie) })
      .execute();
  });
  for (const value of [robot, `Token ${robot}`, encodeURIComponent(`Token ${robot}`), cookie])
    for (const name of ['jms_sessionid', 'sessionid', 'token', 'Authorization', 'portcullis', 'session'])
      for (const [method, path] of [
        ['GET', '/api/v1/users/profile/'],
        ['GET', '/api/v1/users/users/alice/mfa/reset/'],
        ['POST', KEYS],
      ] as const) {
        const address = `198.51.100.${calls++ % 250}`;
        const answer = await bed.call(method, path, {
          headers: { cookie: `${name}=${value}; jms_csrftoken=x`, 'x-csrftoken': 'x' },
          address,
          ...(method === 'POST' ? { body: {} } : {}),
        });
        expect([name, path, answer.status]).toEqual([name, path, 401]);
      }
});
let calls = 0;

describe('a request that an access key signs', () => {
  const path = '/api/v1/users/users/?username=alice';
  let key: { id: string; secret: string };
  beforeEach(async () => {
    const created = await bed.local('POST', '/v1/tokens', { user: 'robot', kind: 'access-key' });
    key = { id: String(created.body['id']), secret: String(created.body['token']) };
  });
  /** As JumpServer documents it. */
  const signed = (
    given: { method?: string; target?: string; date?: string; secret?: string; id?: string } = {},
  ): Record<string, string> => {
    const { method = 'get', target = path, secret = key.secret, id = key.id } = given;
    const date = given.date ?? new Date(bed.time.nowMs).toUTCString();
    const text = `(request-target): ${method} ${target}\ndate: ${date}`;
    const signature = createHmac('sha256', secret).update(text).digest('base64');
    return {
      date,
      authorization: `Signature keyId="${id}",algorithm="hmac-sha256",headers="(request-target) date",signature="${signature}"`,
    };
  };
  const call = (headers: Record<string, string>, method = 'GET', target = path): Promise<Answer> =>
    bed.call(method, target, { headers });

  test('a signed request is answered, in the native API as well', async () => {
    const listed = await bed.local('GET', '/v1/tokens?user=robot');
    expect(listed.body.items).toContainEqual(expect.objectContaining({ id: key.id, kind: 'access-key' }));
    expect((await call(signed())).status).toBe(200);
    expect((await call(signed({ target: '/v1/me' }), 'GET', '/v1/me')).body['username']).toBe('robot');
  });

  test.each([
    ['another secret', () => signed({ secret: 'x' })],
    ['an unknown key', () => signed({ id: '00000000-0000-7000-8000-000000000000' })],
    ['another target', () => signed({ target: '/api/v1/users/users/' })],
    ['another method', () => signed({ method: 'post' })],
    ['a clock that is off', () => signed({ date: new Date(bed.time.nowMs - 301_000).toUTCString() })],
    ['the secret as a token', () => ({ authorization: `Token ${key.secret}` })],
    ['the id as a token', () => ({ authorization: `Bearer ${key.id}` })],
    ['a cookie', () => ({ cookie: `Authorization=${signed()['authorization']}` })],
  ])('%s is refused', async (_, headers) => {
    const answer = await call(headers());
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([
      401,
      'Signature realm="api",headers="(request-target) date"',
    ]);
  });

  test('more headers may be signed, in any order of the parts', async () => {
    const date = new Date(bed.time.nowMs).toUTCString();
    const text = `(request-target): get ${path}\naccept: application/json\ndate: ${date}`;
    const signature = createHmac('sha256', key.secret).update(text).digest('base64');
    const authorization = `Signature keyId="${key.id}",algorithm="hmac-sha256",signature="${signature}",headers="(request-target) accept date"`;
    const headers = { date, accept: 'application/json', authorization };
    expect((await call(headers)).status).toBe(200);
    expect((await call({ ...headers, accept: '*/*' })).status).toBe(401);
  });

  test('it may come again for as long as its date counts, and not longer', async () => {
    const headers = signed();
    for (const _again of [1, 2]) expect((await call(headers)).status).toBe(200);
    bed.time.nowMs += 299_000;
    expect((await call(headers)).status).toBe(200);
    bed.time.nowMs += 2_000;
    expect((await call(headers)).status).toBe(401);
  });

  test('a key that was made here signs from then on, and not when it is deleted', async () => {
    const { body } = await bed.call('POST', KEYS, { token: robot, body: {} });
    const own = { id: String(body['id']), secret: String(body['secret']) };
    expect((await call(signed(own))).status).toBe(200);
    const path = `${KEYS}${own.id}/`;
    // With itself.
    expect((await call(signed({ ...own, method: 'delete', target: path }), 'DELETE', path)).status).toBe(204);
    expect((await call(signed(own))).status).toBe(401);
  });

  test('it ends with a lock on its owner, and when it is revoked', async () => {
    await bed.local('POST', '/v1/users/robot/lock', { reason: 'test' });
    expect((await call(signed())).status).toBe(401);
    await bed.local('POST', '/v1/users/robot/unlock', {});
    expect((await call(signed())).status).toBe(200);
    expect((await bed.local('DELETE', `/v1/tokens/${key.id}`)).status).toBe(204);
    expect((await call(signed())).status).toBe(401);
  });

  test('its secret is in the database only sealed', async () => {
    const row = await bed.storage.state.reader
      .selectFrom('tokens')
      .selectAll()
      .where('id', '=', key.id)
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(row)).not.toContain(key.secret);
    expect(row.sealed).toMatch(/^v1\./);
  });
});
