import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '#lib/ids.ts';
import { type Answer, type ApiBed, liveSession } from '../api/api-bed.ts';
import { type ContractBed, createContractBed, items, openWebSession } from './contract-bed.ts';

const DATE = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d [+-]\d{4}$/;
const choice = (value: unknown): object => ({ value, label: expect.any(String) });

/** Fields that the reference lists for one object. */
const SESSION =
  `id user asset user_id asset_id account account_id protocol type login_from remote_addr is_success is_finished
  has_replay has_command date_start date_end duration comment terminal_display is_locked command_amount error_reason
  replay_size terminal can_replay can_join can_terminate org_id org_name`.split(/\s+/);
const COMMAND =
  `user asset input session risk_level org_id id account output timestamp timestamp_display remote_addr`.split(
    ' ',
  );
const LOGIN_LOG =
  `id username type city ip user_agent mfa reason reason_display backend backend_display status datetime`.split(
    ' ',
  );
const OPERATE_LOG = `id user action resource_type resource remote_addr datetime org_id org_name`.split(' ');
const PASSWORD_LOG = `id user change_by remote_addr datetime`.split(' ');

describe('the dialect', () => {
  let contract: ContractBed;
  let bed: ApiBed;
  let person: string;
  let ids: ContractBed['ids'];
  let sessionId: string;
  let endedId: string;
  const call: ContractBed['call'] = (...args) => contract.call(...args);
  beforeAll(async () => {
    contract = await createContractBed();
    ({ bed, person, ids, sessionId, endedId } = contract);
  });
  afterAll(() => contract[Symbol.asyncDispose]());

  describe('sessions', () => {
    test('open ones of one user', async () => {
      const found = await call('GET', `/terminal/sessions/?user_id=${ids['alice']}&is_finished=False`);
      expect(items(found)).toHaveLength(1);
      const [session = {}] = items(found);
      expect(Object.keys(session).toSorted()).toEqual(SESSION.toSorted());
      expect(session).toMatchObject({
        id: sessionId,
        user: 'Alice Li(alice)',
        asset: 'web01(10.0.0.5)',
        account: 'root(root)',
        is_finished: false,
        date_start: expect.stringMatching(DATE),
        date_end: null,
        duration: '0:01:00',
        login_from: choice('ST'),
        command_amount: 2,
        has_command: true,
        can_terminate: true,
      });
    });

    test.each<[string, string[]]>([
      ['is_finished=true', ['ended']],
      ['user=alice', ['open', 'ended']],
      ['user=Alice%20Li(alice)&order=date_start', ['ended', 'open']],
      ['user=bob', []],
      ['user_id=nobody', []],
      ['asset=web01&account=root&protocol=ssh&remote_addr=198.51.100.9&login_from=ST', ['open', 'ended']],
      ['date_from=2100-01-01T00:00:00Z', []],
      ['date_to=2020/01/01%2000:00:00%20+0800', []],
    ])('%s', async (query, which) => {
      const found = await call('GET', `/terminal/sessions/?${query}`);
      expect(found.status).toBe(200);
      expect(items(found).map((one) => (one['id'] === sessionId ? 'open' : 'ended'))).toEqual(which);
    });

    test('one, and one’s own', async () => {
      expect((await call('GET', `/terminal/sessions/${endedId}/`)).body).toMatchObject({
        is_finished: true,
        duration: '0:01:00',
      });
      expect((await call('GET', `/terminal/sessions/${newId()}/`)).status).toBe(404);
      expect(items(await call('GET', '/terminal/my-sessions/', undefined, person))).toHaveLength(2);
      expect(items(await call('GET', '/terminal/my-sessions/'))).toEqual([]);
    });

    test('a date that is none is refused by name', async () => {
      expect(await call('GET', '/terminal/sessions/?date_from=yesterday')).toMatchObject({
        status: 400,
        body: { date_from: [expect.any(String)] },
      });
    });

    test('a session is held, let go, and killed', async () => {
      const toggle = (task_name: string, session_id = sessionId): Promise<Answer> =>
        call('POST', '/terminal/tasks/toggle-lock-session/', { session_id, task_name });
      const isLocked = async (): Promise<unknown> =>
        (await call('GET', `/terminal/sessions/${sessionId}/`)).body['is_locked'];
      for (const _again of [1, 2]) expect((await toggle('lock_session')).body).toEqual({ ok: [sessionId] });
      expect(await bed.services.locks.inForce()).toMatchObject([
        { targetKind: 'session', target: sessionId, mode: 'freeze', owner: 'root' },
      ]);
      expect(await isLocked()).toBe(true);
      expect((await toggle('unlock_session')).body).toEqual({ ok: [sessionId] });
      expect(await isLocked()).toBe(false);
      expect(await bed.services.locks.inForce()).toEqual([]);
      expect((await toggle('lock_session', endedId)).body).toEqual({ ok: [] });
      expect((await toggle('lock_session', 'nonsense')).body).toEqual({ ok: [] });
      expect((await toggle('explode')).status).toBe(400);
    });

    test('kill-session: a list, an object, ended and malformed ids', async () => {
      const kill = (body: unknown): Promise<Answer> => call('POST', '/terminal/tasks/kill-session/', body);
      expect((await kill([])).body).toEqual({ ok: [] });
      expect((await kill([endedId, 'nonsense', 7, newId()])).body).toEqual({ ok: [] });
      const extra = newId();
      bed.live.push({ ...liveSession(extra, 'alice', ids['alice'] ?? ''), asset: 'web01' });
      expect((await kill({ [extra]: '' })).body).toEqual({ ok: [extra] });
      expect((await kill([sessionId.toUpperCase(), 'nonsense'])).body).toEqual({ ok: [sessionId] });
      expect(bed.live.filter((one) => [extra, sessionId].includes(one.id))).toEqual([]);
    });
  });

  describe('commands and logs', () => {
    test('commands', async () => {
      const [storage] = items(await call('GET', '/terminal/command-storages/'));
      const path = `/terminal/commands/?command_storage_id=${String(storage?.['id'])}`;
      const found = items(await call('GET', path));
      expect(found).toHaveLength(2);
      for (const one of found) expect(Object.keys(one).toSorted()).toEqual(COMMAND.toSorted());
      expect(items(await call('GET', `${path}&risk_level=5`))).toMatchObject([
        {
          user: 'Alice Li(alice)',
          input: 'su -',
          output: 'Command `su` is forbidden',
          risk_level: choice(5),
          timestamp: Math.floor(bed.time.nowMs / 1000),
          timestamp_display: expect.stringMatching(DATE),
        },
      ]);
      expect(items(await call('GET', `/terminal/commands/?session_id=${sessionId}&input=ls`))).toHaveLength(
        1,
      );
      expect(items(await call('GET', `/terminal/commands/?session_id=${endedId}`))).toEqual([]);
      expect(items(await call('GET', `/terminal/commands/?command_storage_id=${newId()}`))).toEqual([]);
      expect((await call('GET', `${path}&limit=1`)).body).toMatchObject({ count: 2, results: [{}] });
    });

    test('logins', async () => {
      const failed = items(await call('GET', '/audits/login-logs/?status=false'));
      expect(failed).toMatchObject([
        {
          username: 'alice',
          type: choice('T'),
          status: choice(false),
          mfa: choice(2),
          reason: 'wrong_password',
          user_agent: 'SSH-2.0-x',
          datetime: expect.stringMatching(DATE),
        },
      ]);
      expect(Object.keys(failed[0] ?? {}).toSorted()).toEqual(LOGIN_LOG.toSorted());
      const api = items(await call('GET', '/audits/login-logs/?username=root&type=U'));
      expect(api).toMatchObject([{ username: 'root(root)', backend: 'Auth Token', status: choice(true) }]);
      const own = items(await call('GET', '/audits/my-login-logs/', undefined, person));
      expect(own.map((one) => one['username'])).toEqual(['Alice Li(alice)']);
    });

    test('operations, each with what it changed', async () => {
      for (const is_active of [false, true])
        await call('PATCH', `/users/users/${ids['carol']}/`, { is_active, email: 'carol@example.test' });
      const found = items(await call('GET', '/audits/operate-logs/?user=root&resource=carol&action=update'));
      expect(Object.keys(found[0] ?? {}).toSorted()).toEqual(OPERATE_LOG.toSorted());
      expect(found[0]).toMatchObject({ resource_type: 'User', remote_addr: '203.0.113.7' });
      const details = [];
      for (const one of found)
        details.push(
          (await call('GET', `/audits/operate-logs/${String(one['id'])}/?type=action_detail`)).body,
        );
      expect(details).toContainEqual({ diff: [{ field: 'Active', before: 'True', after: 'False' }] });
      expect(details).toContainEqual({ diff: [{ field: 'Active', before: 'False', after: 'True' }] });
      expect((await call('GET', `/audits/operate-logs/${String(found[0]?.['id'])}/`)).body).toEqual(found[0]);
      expect((await call('GET', `/audits/operate-logs/${newId()}/`)).status).toBe(404);
    });

    test('who is signed in on the web, and out again', async () => {
      const [open, stays] = [newId(), newId()];
      await bed.storage.state.transact(async (tx) => {
        for (const [id, username] of [
          [open, 'alice'],
          [stays, 'carol'],
        ] as const)
          await tx
            .insertInto('web_sessions')
            .values({ ...openWebSession(ids[username] ?? '', bed.time.nowMs), id })
            .execute();
      });
      expect(items(await call('GET', '/audits/user-sessions/?user=alice'))).toMatchObject([
        {
          id: open,
          user: { name: 'Alice Li(alice)' },
          ip: '203.0.113.7',
          type: choice('W'),
          is_active: true,
        },
      ]);
      expect(items(await call('GET', '/audits/user-sessions/?is_active=false'))).toEqual([]);
      const body = { ids: [open, 'nonsense', 7] };
      for (const _again of [1, 2])
        expect((await call('POST', '/audits/user-sessions/offline/', body)).status).toBe(200);
      expect(items(await call('GET', '/audits/user-sessions/')).map((one) => one['id'])).toEqual([stays]);
      expect((await bed.events()).filter((one) => one.type === 'web.signed_out')).toMatchObject([
        { actor: 'root', user: 'alice' },
      ]);
    });

    test('changed passwords, and no file transfers', async () => {
      const password = 'the first long phrase';
      for (const name of ['carol', 'alice'])
        await call('PUT', `/users/users/${name}/password/`, { password });
      const next = 'a second long phrase';
      await call(
        'PUT',
        '/users/profile/password/',
        { old_password: password, new_password: next, new_password_again: next },
        person,
      );
      const found = items(await call('GET', '/audits/password-change-logs/?user=carol'));
      expect(Object.keys(found[0] ?? {}).toSorted()).toEqual(PASSWORD_LOG.toSorted());
      expect(found[0]).toMatchObject({ change_by: 'root(root)', remote_addr: '203.0.113.7' });
      expect(items(await call('GET', '/audits/password-change-logs/?change_by=alice'))).toMatchObject([
        { user: 'Alice Li(alice)' },
      ]);
      expect(items(await call('GET', '/audits/ftp-logs/?user=alice'))).toEqual([]);
    });
  });

  test('without the slash at the end, and what is not there', async () => {
    expect(items(await call('GET', '/users/users?username=alice'))).toHaveLength(1);
    expect((await call('POST', '/terminal/tasks/kill-session', [])).body).toEqual({ ok: [] });
    expect(await call('GET', '/assets/nothing/')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await call('POST', '/users/users/', {})).status).toBe(405);
  });

  describe('who may not', () => {
    test.each([
      [undefined, 401, { code: 'not_authenticated' }],
      ['Bearer nonsense', 401, { code: 'not_authenticated' }],
      ['Token nonsense', 401, { code: 'authentication_failed', detail: 'Invalid token.' }],
    ])('%s', async (authorization, status, body) => {
      const answer = await bed.call('GET', '/api/v1/users/users/', {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(answer).toMatchObject({ status, body });
      expect(answer.headers['www-authenticate']).toContain('Signature realm="api"');
    });

    test('however often somebody comes with a bad credential, the answer is to sign in', async () => {
      for (let count = 0; count < 50; count += 1) {
        const answer = await bed.call('GET', '/api/v1/users/users/', {
          token: 'expired',
          address: '192.0.2.77',
        });
        expect(answer).toMatchObject({ status: 401, body: { code: 'not_authenticated' } });
      }
      expect((await bed.call('GET', '/v1/me', { token: 'expired', address: '192.0.2.77' })).status).toBe(429);
    });

    test.each([
      ['GET', '/users/users/'],
      ['PATCH', '/users/users/carol/'],
      ['GET', '/users/users/carol/mfa/reset/'],
      ['PATCH', '/users/users/carol/password/reset/'],
      ['GET', '/terminal/sessions/'],
      ['POST', '/terminal/tasks/kill-session/'],
      ['GET', '/audits/login-logs/'],
    ])('%s %s is for other roles', async (method, path) => {
      expect(await call(method, path, method === 'GET' ? undefined : {}, person)).toMatchObject({
        status: 403,
        body: { code: 'permission_denied' },
      });
    });
  });
});
