import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAuthenticator } from '#api/access/authenticate.ts';
import { isPortcullisError } from '#contract/errors.ts';
import { newId } from '#lib/ids.ts';
import { type ApiBed, createApiBed, liveSession, quietLogger } from './api-bed.ts';

let bed: ApiBed;
let admin: string;
beforeEach(async () => {
  bed = await createApiBed({ blockUsers: ['mallory'] });
  admin = await bed.person('root-admin', ['admin']);
});
afterEach(() => bed[Symbol.asyncDispose]());

const status = async (token: string | undefined, address?: string): Promise<number> =>
  (await bed.call('GET', '/v1/me', { token, ...(address === undefined ? {} : { address }) })).status;

const withoutRequestId = (text: string): string => text.replace(/"requestId":"[^"]+"/, '');

test('a token works until it is revoked, and is stored only as a digest', async () => {
  const made = await bed.call('POST', '/v1/tokens', {
    token: admin,
    body: { user: 'root-admin', name: 'ci' },
  });
  expect(made.status).toBe(201);
  const token = String(made.body['token']);
  expect(await status(token)).toBe(200);
  const stored = JSON.stringify(await bed.services.state.reader.selectFrom('tokens').selectAll().execute());
  expect(stored).not.toContain(token);
  expect(JSON.stringify(await bed.events())).not.toContain(token);
  expect((await bed.call('DELETE', `/v1/tokens/${String(made.body['id'])}`, { token: admin })).status).toBe(
    204,
  );
  expect(await status(token)).toBe(401);
});

test('a token ends when its time is over, and one made with it does not outlive it', async () => {
  const expiresAt = bed.time.nowMs + 60_000;
  const made = await bed.call('POST', '/v1/tokens', {
    token: admin,
    body: { user: 'root-admin', expiresAt },
  });
  const limited = String(made.body['token']);
  const child = await bed.call('POST', '/v1/tokens', { token: limited, body: { user: 'root-admin' } });
  expect(child.body['expiresAt']).toBe(expiresAt);
  bed.time.nowMs += 60_000;
  expect(await status(limited)).toBe(401);
  expect(await status(String(child.body['token']))).toBe(401);
  expect(await status(admin)).toBe(200);
});

test('unknown, locked, blocked and malformed look the same, and the audit trail knows which it was', async () => {
  const locked = await bed.person('alice', ['user']);
  const blocked = await bed.person('mallory', ['user']);
  await bed.call('POST', '/v1/users/alice/lock', { token: admin, body: { reason: 'test' } });
  const answers = [];
  for (const token of [locked, blocked, `pct_${'x'.repeat(43)}`, 'x', undefined])
    answers.push(await bed.call('GET', '/v1/me', { token }));
  expect(new Set(answers.map((one) => one.status))).toEqual(new Set([401]));
  expect(new Set(answers.map((one) => withoutRequestId(one.text))).size).toBe(1);
  const refused = (await bed.events()).filter((one) => one.type === 'api.refused');
  expect(refused.map((one) => [one.data['reason'], one.user])).toEqual([
    ['locked', 'alice'],
    ['login_rule', 'mallory'],
    ['unknown_token', undefined],
    ['unknown_token', undefined],
    ['no_credential', undefined],
  ]);
});

test('a lock binds the next request, and its end lets the token work again', async () => {
  const alice = await bed.person('alice', ['user']);
  expect(await status(alice)).toBe(200);
  const added = await bed.call('POST', '/v1/locks', {
    token: admin,
    body: { targetKind: 'address', target: '203.0.113.0/24' },
  });
  // The administrator sits in the same network.
  expect(await status(alice)).toBe(401);
  expect(await status(admin)).toBe(401);
  expect(await status(alice, '198.51.100.1')).toBe(200);
  const { id } = added.body['lock'] as { id: string };
  expect((await bed.local('DELETE', `/v1/locks/${id}?reason=over`)).status).toBe(200);
  expect(await status(alice)).toBe(200);
});

test('a role that was taken away is gone at the next request', async () => {
  const auditor = await bed.person('paul', ['auditor']);
  expect((await bed.call('GET', '/v1/users', { token: auditor })).status).toBe(200);
  await bed.call('PATCH', '/v1/users/paul', { token: admin, body: { roles: ['user'] } });
  expect((await bed.call('GET', '/v1/users', { token: auditor })).status).toBe(403);
});

test('when policy cannot be read the answer is no', async () => {
  const broken = await createApiBed();
  try {
    const token = await broken.person('root-admin', ['admin']);
    await broken.services.state.transact((tx) =>
      tx
        .insertInto('login_rules')
        .values({
          id: newId(),
          name: 'x',
          nameKey: 'x',
          priority: 1,
          users: 'not json',
          groups: '[]',
          addresses: '[]',
          action: 'block',
          updatedAt: 1,
        })
        .execute(),
    );
    const answer = await broken.call('GET', '/v1/me', { token });
    expect(answer.status).toBeGreaterThanOrEqual(500);
  } finally {
    await broken[Symbol.asyncDispose]();
  }
});

test('bad tokens slow their address down, and never a good token from there', async () => {
  const attempt = (): Promise<number> => status(`pct_${'y'.repeat(43)}`);
  const first = [];
  for (let i = 0; i < 40; i += 1) first.push(await attempt());
  expect(first[0]).toBe(401);
  expect(first.at(-1)).toBe(429);
  const answer = await bed.call('GET', '/v1/me', {});
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  expect(await status(admin)).toBe(200);
  expect(await status(`pct_${'y'.repeat(43)}`, '198.51.100.77')).toBe(401);
  expect((await bed.events()).filter((one) => one.type === 'api.refused').length).toBeLessThan(40);
});

test('what is refused while an address is slowed down is counted, in one event a minute', async () => {
  const address = '198.51.100.200';
  const refused = async (): Promise<readonly (number | undefined)[]> =>
    (await bed.events())
      .filter((one) => one.type === 'api.refused' && one.address === address)
      .map((one) => (one.data['reason'] === 'rate_limited' ? Number(one.data['count']) : undefined));
  const TRIES = 100;
  const codes: unknown[] = [];
  {
    await using authenticator = createAuthenticator(bed.services, quietLogger, () => 0);
    const request = { method: 'GET', target: '/v1/me', headers: { authorization: 'Bearer wrong' } };
    const credential = { request, address, port: 1, userAgent: 'curl' };
    for (let i = 0; i < TRIES; i += 1)
      await authenticator.authenticate(credential).catch((error: unknown) => {
        codes.push(isPortcullisError(error) ? error.code : error);
      });
  }
  const limited = codes.filter((code) => code === 'E_RATE_LIMITED').length;
  expect(limited).toBeGreaterThan(0);
  const told = await refused();
  expect(told.filter((count) => count !== undefined)).toEqual([limited]);
  expect(told.length - 1 + limited).toBe(TRIES);
});

test('a forwarded address counts only from a proxy that is trusted', async () => {
  const proxied = await createApiBed({ http: { trustedProxies: ['203.0.113.7'] } });
  try {
    const forged = { 'x-forwarded-for': '192.0.2.66' };
    await bed.call('GET', '/v1/me', { headers: forged });
    expect((await bed.events()).at(-1)?.address).toBe('203.0.113.7');
    await proxied.call('GET', '/v1/me', { headers: forged });
    expect((await proxied.events()).at(-1)?.address).toBe('192.0.2.66');
    await proxied.call('GET', '/v1/me', { headers: forged, address: '203.0.113.8' });
    expect((await proxied.events()).at(-1)?.address).toBe('203.0.113.8');
  } finally {
    await proxied[Symbol.asyncDispose]();
  }
});

test('what a role does not include is refused and noted, with the name', async () => {
  const alice = await bed.person('alice', ['user']);
  expect((await bed.call('GET', '/v1/users', { token: alice })).status).toBe(403);
  expect((await bed.events()).at(-1)).toMatchObject({
    type: 'api.refused',
    user: 'alice',
    data: { reason: 'role', operation: 'listUsers' },
  });
});

test('signing in is one event for a token at an address, written before the answer', async () => {
  for (let i = 0; i < 3; i += 1) await status(admin);
  await status(admin, '198.51.100.4');
  const signedIn = (await bed.events()).filter((one) => one.type === 'web.signed_in');
  expect(signedIn.map((one) => [one.user, one.address])).toEqual([
    ['root-admin', '203.0.113.7'],
    ['root-admin', '198.51.100.4'],
  ]);
});

test('the metrics page is for this machine, and with the role to read for others', async () => {
  const get = (token: string | undefined, address: string, headers = {}): Promise<number> =>
    bed
      .call('GET', '/metrics', { token, address, headers: { host: 'localhost:8080', ...headers } })
      .then((one) => one.status);
  const user = await bed.person('alice', ['user']);
  const auditor = await bed.person('paul', ['auditor']);
  expect(await get(undefined, '127.0.0.1')).toBe(200);
  expect(await get(undefined, '::1')).toBe(200);
  expect(await get(undefined, '127.0.0.1', { 'x-forwarded-for': '192.0.2.1' })).toBe(401);
  expect(await get(undefined, '127.0.0.1', { host: 'rebound.example.test' })).toBe(401);
  expect(await get(undefined, '203.0.113.7')).toBe(401);
  expect(await get(user, '203.0.113.7')).toBe(403);
  expect(await get(auditor, '203.0.113.7')).toBe(200);
  const page = await bed.call('GET', '/metrics', {
    address: '127.0.0.1',
    headers: { host: '127.0.0.1:8080' },
  });
  expect(page.text).toContain('portcullis_process_resident_memory_bytes');
});

test('killing a session answers when it is gone, and deleting a user ends theirs', async () => {
  await bed.person('alice', ['user']);
  const id = (await bed.services.users.find('alice'))?.id ?? '';
  const [one, two] = [liveSession(newId(), 'alice', id), liveSession(newId(), 'alice', id)];
  bed.live.push(one, two);
  const killed = await bed.call('POST', `/v1/sessions/${one.id}/kill`, {
    token: admin,
    body: { reason: 'x' },
  });
  expect(killed.body).toEqual({ state: 'contained', cut: [one.id], unconfirmed: [] });
  expect((await bed.call('POST', `/v1/sessions/${one.id}/kill`, { token: admin })).status).toBe(404);
  expect((await bed.call('DELETE', '/v1/users/alice', { token: admin })).status).toBe(204);
  expect(bed.live).toEqual([]);
});
