import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Answer, type ApiBed, createApiBed } from './api-bed.ts';

let bed: ApiBed;

beforeEach(async () => {
  bed = await createApiBed();
});

afterEach(async () => {
  await bed[Symbol.asyncDispose]();
});

const lock = (targetKind: string, target: string, token?: string): Promise<Answer> =>
  token === undefined
    ? bed.local('POST', '/v1/locks', asked(targetKind, target))
    : bed.call('POST', '/v1/locks', { token, body: asked(targetKind, target) });
const asked = (targetKind: string, target: string): Record<string, unknown> => ({
  targetKind,
  target,
  mode: 'cut',
  reason: 'test',
  expiresAt: null,
});
const refused = { status: 409, body: { error: { code: 'E_LAST_ADMIN' } } };

async function group(name: string, users: readonly string[]): Promise<void> {
  const answer = await bed.local('POST', '/v1/apply', { groups: [{ name, users }] });
  expect(answer.status).toBe(200);
}

test('a group that holds every administrator is not locked, one that leaves another is', async () => {
  const alice = await bed.person('alice', ['admin']);
  await bed.person('bob', ['admin']);
  const responder = await bed.person('rita', ['responder']);
  await group('everybody', ['alice', 'bob', 'rita']);
  await group('half', ['bob']);
  expect(await lock('group', 'Everybody', responder)).toMatchObject(refused);
  expect((await lock('group', 'half', responder)).status).toBeLessThan(300);
  expect(await lock('user', 'alice', responder)).toMatchObject(refused);
  expect((await bed.call('GET', '/v1/me', { token: alice })).status).toBe(200);
});

test('nobody moves the last administrator into a locked group', async () => {
  await bed.person('alice', ['admin']);
  await bed.person('bob', ['user']);
  await group('suspects', ['bob']);
  expect((await lock('group', 'suspects')).status).toBeLessThan(300);
  const answer = await bed.local('POST', '/v1/apply', {
    groups: [{ name: 'suspects', users: ['bob', 'alice'] }],
  });
  expect(answer).toMatchObject(refused);
});

test('two locks at the same moment do not take the last two', async () => {
  await bed.person('alice', ['admin']);
  await bed.person('bob', ['admin']);
  const answers = await Promise.all([
    lock('user', 'alice'),
    bed.local('POST', '/v1/users/bob/lock', { reason: 'test' }),
  ]);
  expect(answers.filter((one) => one.status < 300)).toHaveLength(1);
  expect(answers.find((one) => one.status >= 300)).toMatchObject(refused);
});

test('a service user does not count beside a person', async () => {
  await bed.person('alice', ['admin']);
  await bed.person('robot', ['admin'], 'service');
  expect(await lock('user', 'alice')).toMatchObject(refused);
  expect((await lock('user', 'robot')).status).toBeLessThan(300);
});

test('ranges that may hold every address are refused; the gateway as a whole may be locked', async () => {
  const admin = await bed.person('alice', ['admin']);
  for (const range of ['0.0.0.0/0', '128.0.0.0/1', '::/0', '2000::/3', '::ffff:0.0.0.0/96'])
    expect(await lock('address', range)).toMatchObject({ status: 400, body: { error: { code: 'E_INPUT' } } });
  expect((await lock('address', '10.0.0.0/8')).status).toBeLessThan(300);
  expect((await lock('address', '2001:db8::/32')).status).toBeLessThan(300);
  const whole = await lock('gateway', '*', admin);
  expect(whole.status).toBeLessThan(300);
  const { id } = whole.body['lock'] as { readonly id: string };
  const lifted = await bed.call('DELETE', `/v1/locks/${id}?reason=over`, { token: admin });
  expect(lifted.status).toBe(200);
});
