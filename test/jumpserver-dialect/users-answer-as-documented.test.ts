import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecoveryService } from '#api/services.ts';
import { PortcullisError } from '#contract/errors.ts';
import { newId } from '#lib/ids.ts';
import { type Answer, type ApiBed, createApiBed, liveSession } from '../api/api-bed.ts';
import { type ContractBed, createContractBed, items, startedRecovery } from './contract-bed.ts';

const DATE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d [+-]\d{4}$/;
const choice = (value: unknown): object => ({ value, label: expect.any(String) });

/** Fields that the reference lists for one object. */
const USER =
  `id name username email wechat phone mfa_level source created_by updated_by comment date_expired date_joined
  last_login date_updated date_api_key_last_used is_superuser is_org_admin is_service_account is_valid is_expired is_active
  is_otp_secret_key_bound can_public_key_auth mfa_enabled need_update_password mfa_force_enabled is_first_login
  date_password_last_updated avatar_url groups system_roles org_roles labels login_blocked password_strategy wecom_id
  dingtalk_id feishu_id lark_id slack_id ukey_sn can_ukey_auth is_face_code_set`.split(/\s+/);

test('version 3 has the shapes of version 3', async () => {
  await using bed = await createApiBed({ http: { jumpserverVersion: 3 } });
  const token = await bed.person('root', ['admin']);
  const answer = await bed.call('GET', '/api/v1/users/users/?username=root', { token });
  const lacks = new Set(['lark_id', 'slack_id', 'ukey_sn', 'can_ukey_auth', 'is_face_code_set']);
  expect(Object.keys(items(answer)[0] ?? {}).toSorted()).toEqual(
    USER.filter((field) => !lacks.has(field)).toSorted(),
  );
});

describe('users in the dialect', () => {
  const recovered: (readonly [string, string])[] = [];
  const recovery: Partial<RecoveryService> = {
    start: async (username, by) => {
      if (username === 'root') throw new PortcullisError('E_NO_ADDRESS', 'root has no mail address.');
      recovered.push([username, by]);
      return startedRecovery(username, by);
    },
  };
  let contract: ContractBed;
  let bed: ApiBed;
  let person: string;
  let ids: ContractBed['ids'];
  let sessionId: string;
  const call: ContractBed['call'] = (...args) => contract.call(...args);
  beforeAll(async () => {
    contract = await createContractBed({ recovery });
    ({ bed, person, ids, sessionId } = contract);
  });
  afterAll(() => contract[Symbol.asyncDispose]());

  test('by exact name', async () => {
    const found = await call('GET', '/users/users/?username=alice');
    expect(found.status).toBe(200);
    expect(items(found)).toHaveLength(1);
    const [user = {}] = items(found);
    expect(Object.keys(user).toSorted()).toEqual(USER.toSorted());
    expect(user).toMatchObject({
      id: ids['alice'],
      username: 'alice',
      name: 'Alice Li',
      email: 'alice@example.test',
      is_active: true,
      mfa_level: choice(0),
      source: choice('local'),
      groups: [{ name: 'developers' }],
      date_joined: expect.stringMatching(DATE),
      date_expired: expect.stringMatching(DATE),
    });
  });

  test.each([
    ['/users/users/?username=nobody', []],
    ['/users/users/?username=ali', []],
    ['/users/users/?search=LICE', ['alice']],
    ['/users/users/?is_active=true&order=-username', ['root', 'carol', 'alice']],
    ['/users/users/?limit_is_unknown=1&username=carol', ['carol']],
    ['/users/users/?offset=1', ['alice', 'carol', 'root']],
  ])('%s', async (path, names) => {
    const found = await call('GET', path);
    expect([found.status, items(found).map((one) => one['username'])]).toEqual([200, names]);
  });

  test('in pages', async () => {
    const first = await call('GET', '/users/users/?limit=2');
    expect(first.body).toMatchObject({ count: 3, previous: null });
    const next = new URL(String(first.body['next']));
    expect(next.search).toBe('?limit=2&offset=2');
    const second = await call('GET', `/users/users/${next.search}`);
    expect(second.body).toMatchObject({ count: 3, next: null, results: [{ username: 'root' }] });
    expect(new URL(String(second.body['previous'])).search).toBe('?limit=2');
  });

  test('one, by id and by name', async () => {
    for (const key of [ids['alice'], 'alice'])
      expect((await call('GET', `/users/users/${key}/`)).body).toMatchObject({
        id: ids['alice'],
        has_public_keys: false,
        login_confirm_settings: [],
      });
    expect(await call('GET', `/users/users/${newId()}/`)).toMatchObject({
      status: 404,
      body: { code: 'object_does_not_exist' },
    });
  });

  test('a change of what is changed here, and of what is not', async () => {
    const path = `/users/users/${ids['carol']}/`;
    const changed = await call('PATCH', path, {
      name: 'Carol',
      email: 'carol@example.test',
      mfa_level: { value: 2, label: 'x' },
      comment: 'kept nowhere',
    });
    expect(changed.body).toMatchObject({
      name: 'Carol',
      email: 'carol@example.test',
      mfa_level: choice(2),
    });
    expect((await call('PATCH', path, changed.body)).body).toMatchObject({ mfa_level: choice(2) });
    expect((await call('PATCH', path, { mfa_level: 0 })).body).toMatchObject({ mfa_level: choice(0) });
    const refused = await call('PATCH', path, { username: 'karol', system_roles: [] });
    expect(refused.status).toBe(400);
    expect(Object.keys(refused.body)).toEqual(['username', 'system_roles']);
    expect((await call('PATCH', path, { is_active: 'perhaps' })).body).toMatchObject({
      is_active: [expect.any(String)],
    });
  });

  test('the whole user as it was read may be sent back by PUT, with one thing changed', async () => {
    const path = `/users/users/${ids['carol']}/`;
    const { body } = await call('GET', path);
    const off = await call('PUT', path, { ...body, is_active: false });
    expect([off.status, off.body]).toEqual([200, { ...body, is_active: false, is_valid: false }]);
    const on = await call('PUT', path, { ...off.body, is_active: true });
    expect([on.status, on.body]).toEqual([200, body]);
  });

  test('is_active ends sessions and logins, and gives them back', async () => {
    const path = `/users/users/${ids['carol']}/`;
    bed.live.push(liveSession(newId(), 'carol', ids['carol'] ?? ''));
    expect((await call('PATCH', path, { is_active: false })).body).toMatchObject({
      is_active: false,
      is_valid: false,
    });
    expect(bed.live.filter((one) => one.username === 'carol')).toEqual([]);
    await call('PATCH', path, { is_active: false });
    expect(await bed.services.locks.inForce()).toMatchObject([
      { targetKind: 'user', target: 'carol', mode: 'cut', owner: 'root', expiresAt: null },
    ]);
    expect(items(await call('GET', '/users/users/?is_active=false'))).toHaveLength(1);
    expect((await call('PATCH', path, { is_active: true })).body).toMatchObject({ is_active: true });
    expect(await bed.services.locks.inForce()).toEqual([]);
  });

  test('nobody changes whether they are active themselves', async () => {
    const answer = await call('PATCH', `/users/users/${ids['root']}/`, { is_active: false });
    expect(answer).toMatchObject({ status: 200, body: { is_active: true } });
    expect(await bed.services.locks.inForce()).toEqual([]);
  });

  test('the last administrator stays', async () => {
    const second = await bed.person('second', ['admin']);
    const [user] = items(await call('GET', '/users/users/?username=second'));
    expect((await call('PATCH', `/users/users/${String(user?.['id'])}/`, { is_active: false })).status).toBe(
      200,
    );
    // Who is locked is nobody: the credential does not count any more.
    expect((await call('PATCH', `/users/users/${ids['root']}/`, { is_active: false }, second)).status).toBe(
      401,
    );
    expect((await call('PATCH', `/users/users/${String(user?.['id'])}/`, { is_active: true })).status).toBe(
      200,
    );
    await bed.local('DELETE', '/v1/users/second');
  });

  test('several at once', async () => {
    const both = [ids['alice'], ids['carol']].map((id) => ({ id, is_active: false }));
    const done = await call('PATCH', '/users/users/', both);
    expect(items(done).map((one) => [one['username'], one['is_active']])).toEqual([
      ['alice', false],
      ['carol', false],
    ]);
    const unknown = [
      { id: ids['alice'], is_active: true },
      { id: newId(), is_active: true },
    ];
    expect((await call('PATCH', '/users/users/', unknown)).status).toBe(404);
    expect(await bed.services.locks.inForce()).toHaveLength(2);
    await call(
      'PATCH',
      '/users/users/',
      both.map(({ id }) => ({ id, is_active: true })),
    );
    expect(await bed.services.locks.inForce()).toEqual([]);
    bed.live.push({ ...liveSession(sessionId, 'alice', ids['alice'] ?? ''), asset: 'web01' });
  });

  test('a password is set, by PUT and by PATCH, unless it is a poor one', async () => {
    for (const method of ['PUT', 'PATCH']) {
      const path = `/users/users/${ids['carol']}/password/`;
      expect((await call(method, path, { password: 'a long enough phrase' })).body).toMatchObject({
        username: 'carol',
        date_password_last_updated: expect.stringMatching(DATE),
      });
      expect(await call(method, path, { password: 'short' })).toMatchObject({
        status: 400,
        body: { password: [expect.any(String)] },
      });
    }
  });

  test('a password reset starts the recovery', async () => {
    for (const method of ['PATCH', 'PUT'])
      expect(await call(method, `/users/users/${ids['carol']}/password/reset/`, {})).toMatchObject({
        status: 200,
        body: { username: 'carol' },
      });
    expect(recovered).toEqual([
      ['carol', 'root'],
      ['carol', 'root'],
    ]);
    const refused = await call('PATCH', '/users/users/root/password/reset/', {});
    expect(refused).toMatchObject({ body: { code: 'E_NO_ADDRESS', detail: 'root has no mail address.' } });
    expect(refused.status).toBeGreaterThanOrEqual(400);
  });

  test('a second factor shows, and is gone once it is reset', async () => {
    await bed.storage.state.transact(async (tx) => {
      await tx
        .insertInto('second_factors')
        .values({ userId: ids['carol'] ?? '', sealed: 'x', lastStep: 0, enrolledAt: 1 })
        .execute();
    });
    expect((await call('GET', '/users/users/carol/')).body).toMatchObject({
      mfa_level: choice(1),
      mfa_enabled: true,
      is_otp_secret_key_bound: true,
    });
    expect((await call('GET', `/users/users/${ids['carol']}/mfa/reset/`)).body).toEqual({ msg: 'success' });
    expect((await call('GET', '/users/users/carol/')).body).toMatchObject({
      mfa_level: choice(0),
      mfa_enabled: false,
    });
    expect((await bed.events()).filter((one) => one.type === 'user.second_factor_removed')).toMatchObject([
      { actor: 'root', user: 'carol' },
    ]);
  });

  test('the second factor is reset by GET alone, and not one’s own', async () => {
    const path = (id: string | undefined): string => `/users/users/${id}/mfa/reset/`;
    expect(await call('GET', path(ids['carol']))).toMatchObject({ status: 200, body: { msg: 'success' } });
    expect(await call('GET', path(ids['root']))).toMatchObject({
      status: 400,
      body: { error: 'Could not reset self otp, use profile reset instead' },
    });
    for (const method of ['PUT', 'PATCH', 'POST'])
      expect(await call(method, path(ids['carol']), {})).toMatchObject({
        status: 405,
        body: { code: 'method_not_allowed' },
      });
    for (const token of [undefined, person])
      expect((await call('GET', '/users/profile/mfa/reset/', undefined, token)).body).toEqual({
        error: 'Could not reset self otp, use profile reset instead',
      });
    const byCookie = await bed.call('GET', `/api/v1${path(ids['carol'])}`, {
      headers: { cookie: `jms_sessionid=${contract.admin}; token=${contract.admin}` },
    });
    expect(byCookie.status).toBe(401);
  });

  test('failed logins are forgiven', async () => {
    expect(await call('PATCH', `/users/users/${ids['carol']}/unblock/`, {})).toMatchObject({
      status: 200,
      body: { username: 'carol', login_blocked: false },
    });
    expect(bed.forgiven).toEqual(['carol']);
  });

  test('public keys are removed', async () => {
    const { createHash, generateKeyPairSync } = await import('node:crypto');
    const { publicKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const part = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, bytes.length]), bytes]);
    const blob = Buffer.concat([part(Buffer.from('ssh-ed25519')), part(raw)]);
    expect(createHash('sha256').update(blob).digest()).toHaveLength(32);
    await bed.local('PUT', '/v1/users/carol/keys', {
      publicKeys: [`ssh-ed25519 ${blob.toString('base64')} c`],
    });
    expect((await call('GET', `/users/users/carol/`)).body).toMatchObject({ has_public_keys: true });
    expect((await call('PATCH', `/users/users/${ids['carol']}/pubkey/reset/`, {})).body).toMatchObject({
      has_public_keys: false,
    });
  });

  test('oneself', async () => {
    expect((await call('GET', '/users/profile/', undefined, person)).body).toMatchObject({
      username: 'alice',
    });
    const renamed = await call('PATCH', '/users/profile/', { name: 'Alice', email: 'x@evil.test' }, person);
    expect(renamed.body).toMatchObject({ name: 'Alice', email: 'alice@example.test' });
    expect((await call('PUT', '/users/profile/', { name: 'Alice Li' }, person)).body).toMatchObject({
      name: 'Alice Li',
    });
  });

  test('one’s own password, by whoever knows the old one', async () => {
    await call('PUT', `/users/users/${ids['alice']}/password/`, { password: 'the first long phrase' });
    const change = (old_password: string, next: string, again = next): Promise<Answer> =>
      call(
        'PUT',
        '/users/profile/password/',
        { old_password, new_password: next, new_password_again: again },
        person,
      );
    expect((await change('wrong', 'a second long phrase')).body).toMatchObject({
      old_password: [expect.any(String)],
    });
    expect((await change('the first long phrase', 'short')).body).toMatchObject({
      new_password: [expect.any(String)],
    });
    expect((await change('the first long phrase', 'a second long phrase', 'other')).body).toMatchObject({
      new_password_again: [expect.any(String)],
    });
    expect((await change('the first long phrase', 'a second long phrase')).status).toBe(200);
    expect((await change('the first long phrase', 'a third long phrase')).status).toBe(400);
    const guesses: number[] = [];
    for (let guess = 0; guess < 6; guess++)
      guesses.push((await change(`guess number ${guess}`, 'a third long phrase')).status);
    expect(guesses.at(-1)).toBe(429);
  });

  test('groups, and users in a few words', async () => {
    expect(items(await call('GET', '/users/groups/'))).toMatchObject([
      { name: 'developers', users: [{ id: ids['alice'], name: 'Alice Li' }], users_amount: 1 },
    ]);
    expect(items(await call('GET', '/users/groups/?name=none'))).toEqual([]);
    expect(items(await call('GET', '/users/users/suggestions/?username=alice'))).toEqual([
      { id: ids['alice'], name: 'Alice Li', username: 'alice' },
    ]);
  });
});
