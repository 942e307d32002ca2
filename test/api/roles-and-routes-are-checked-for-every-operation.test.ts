import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES, type Role } from '#contract/resources/user.ts';
import type { Route } from '#contract/routes/route.ts';
import { ROUTES } from '#contract/routes/routes.ts';
import { type Answer, type ApiBed, createApiBed } from './api-bed.ts';

const routes: readonly (readonly [string, Route])[] = Object.entries(ROUTES);
const NOBODY_ID = '00000000-0000-4000-8000-000000000000';

let bed: ApiBed;
let calls = 0;
const tokens = new Map<Role, string>();
beforeAll(async () => {
  bed = await createApiBed();
  for (const role of ROLES) tokens.set(role, await bed.person(`the-${role}`, [role]));
  // So that nothing the matrix does can remove the last administrator.
  await bed.person('second-admin', ['admin']);
});
afterAll(() => bed[Symbol.asyncDispose]());

/** The path with values that name nothing. */
function emptyPath(route: Route): string {
  return route.path.replaceAll(/:(\w+)/g, (_all, name: string) =>
    name === 'id' ? NOBODY_ID : 'nobody-such',
  );
}

/** Operations that would change what the rest of the matrix stands on get a body that is refused after the role check. */
const call = (route: Route, token: string | undefined): Promise<Answer> =>
  bed.call(route.method, emptyPath(route), {
    token,
    // Refusals slow an address down; each call comes from another.
    address: `10.1.${Math.floor(calls / 250)}.${(calls++ % 250) + 1}`,
    ...(route.method === 'GET' || route.method === 'DELETE' ? {} : { body: { thisFieldIsNotKnown: true } }),
  });

describe.each(routes)('%s', (_id, route) => {
  test.runIf(route.callers !== 'anybody')('is for nobody without a credential', async () => {
    const answer = await call(route, undefined);
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="portcullis"');
  });

  test.each(ROLES)('asks for its roles: %s', async (role) => {
    const allowed = route.callers === 'anybody' || route.callers.includes(role);
    const answer = await call(route, tokens.get(role));
    const isRefused = answer.status === 403;
    expect(isRefused).toBe(!allowed);
    expect([200, 201, 204, 400, 403, 404]).toContain(answer.status);
  });

  test('answers with headers that allow nothing', async () => {
    const answer = await call(route, tokens.get('user'));
    expect(answer.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });
});

test('a user without any role may nothing', async () => {
  const token = await bed.person('nobody', []);
  const statuses = new Set<number>();
  for (const [, route] of routes)
    if (route.callers !== 'anybody') statuses.add((await call(route, token)).status);
  expect([...statuses]).toEqual([403]);
});
