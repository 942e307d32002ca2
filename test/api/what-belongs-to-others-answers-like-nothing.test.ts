import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Route } from '#contract/routes/route.ts';
import { ROUTES } from '#contract/routes/routes.ts';
import { newId } from '#lib/ids.ts';
import { type Answer, type ApiBed, createApiBed, liveSession } from './api-bed.ts';

/** Operations with an id or name in the path that a plain user may call: each must hide what is not theirs. */
const routes: readonly (readonly [string, Route])[] = Object.entries<Route>(ROUTES).filter(
  ([, route]) => route.path.includes(':') && route.callers !== 'anybody' && route.callers.includes('user'),
);

let bed: ApiBed;
let alice: string;
const theirs: Record<string, string> = {};
beforeAll(async () => {
  bed = await createApiBed();
  alice = await bed.person('alice', ['user']);
  const bob = await bed.person('bob', ['user']);
  const bobId = (await bed.services.users.find('bob'))?.id ?? '';
  const tokens = await bed.call('GET', '/v1/tokens', { token: bob });
  const live = liveSession(newId(), 'bob', bobId);
  bed.live.push(live);
  theirs['/v1/users/:username'] = 'bob';
  theirs['/v1/users/:username/keys'] = 'bob';
  theirs['/v1/sessions/:id'] = live.id;
  theirs['/v1/tokens/:id'] = String(tokens.body.items?.[0]?.['id']);
});
afterAll(() => bed[Symbol.asyncDispose]());

const comparable = ({ status, headers, text }: Answer): object => ({
  status,
  headers: Object.entries(headers).filter(([name]) => !['x-request-id', 'date'].includes(name)),
  text: text.replace(/"requestId":"[^"]+"/, ''),
});

test('every such operation is known to this test', () => {
  expect(routes.map(([, route]) => route.path).sort()).toEqual(Object.keys(theirs).sort());
});

test.each(routes)('%s', async (_id, route) => {
  const at = (value: string): string => route.path.replaceAll(/:\w+/g, value);
  const missing = route.path.includes(':id') ? newId() : 'nobody-such';
  const foreign = await bed.call(route.method, at(theirs[route.path] ?? ''), { token: alice });
  const absent = await bed.call(route.method, at(missing), { token: alice });
  const malformed = await bed.call(route.method, at('%24%24'), { token: alice });
  expect(foreign.status).toBe(404);
  expect(comparable(foreign)).toEqual(comparable(absent));
  expect(comparable(malformed)).toEqual(comparable(absent));
  expect(comparable(await bed.call('GET', '/v1/no/such/route', { token: alice }))).toEqual(
    comparable(absent),
  );
});

test('lists show only what is one’s own', async () => {
  expect((await bed.call('GET', '/v1/sessions', { token: alice })).body.items).toEqual([]);
  expect((await bed.call('GET', '/v1/sessions?user=bob', { token: alice })).body.items).toEqual([]);
  const tokens = await bed.call('GET', '/v1/tokens', { token: alice });
  expect(tokens.body.items?.map((one) => one['username'])).toEqual(['alice']);
  expect((await bed.call('GET', '/v1/tokens?user=bob', { token: alice })).status).toBe(404);
});

test('nobody makes a token for somebody else', async () => {
  const answer = await bed.call('POST', '/v1/tokens', { token: alice, body: { user: 'bob' } });
  const absent = await bed.call('POST', '/v1/tokens', { token: alice, body: { user: 'nobody-such' } });
  expect(answer.status).toBe(404);
  expect(comparable(answer)).toEqual(comparable(absent));
});

test.each([
  '/v1/users;x',
  '/v1;/users',
  '/v1//users',
  '//v1/users',
  '/v1%2fusers',
  '/v1/users/alice%2fkeys',
  '/V1/users',
  '/v1/users/',
  '/v1/users.',
  '/-',
  '/.env',
])('%s is an unknown path like any other', async (path) => {
  const answer = await bed.call('GET', path, { token: alice });
  expect(comparable(answer)).toEqual(comparable(await bed.call('GET', '/no-such', { token: alice })));
});
