import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecoveryService } from '#api/services.ts';
import { Secret } from '#lib/secret.ts';
import { newId } from '#lib/ids.ts';
import { setPasswordHash } from '#state/user-writer.ts';
import type { Answer, CallOptions } from '../api/api-bed.ts';
import {
  type ContractBed,
  createContractBed,
  items,
  openWebSession,
  startedRecovery,
} from './contract-bed.ts';
import { CALLS, type DocumentedCall } from './documented-calls.ts';
import { problemsIn, SHAPES } from './shapes.ts';
import { addUser } from '../testbed/people.ts';

const ROOT_ORGANISATION = '00000000-0000-0000-0000-000000000000';
const DETAIL = { detail: expect.any(String) };

const recovery: Partial<RecoveryService> = { start: async (username, by) => startedRecovery(username, by) };

describe.each([3, 4] as const)('version %i', (version) => {
  let contract: ContractBed;
  /** What the names in braces stand for; keys of the caller. */
  const known = new Map<string, string>();
  let callers: Readonly<Record<'admin' | 'person', string>>;
  let addresses = 0;

  beforeAll(async () => {
    contract = await createContractBed({ recovery, http: { jumpserverVersion: version } });
    const { bed, ids, sessionId, endedId, admin, person } = contract;
    callers = { admin, person };
    const hash = await bed.services.passwords.hash(new Secret('a long enough phrase'));
    await bed.storage.state.transact(async (tx) => {
      for (const name of ['root', 'alice']) await setPasswordHash(tx, ids[name] ?? '', hash, bed.time.nowMs);
      await tx
        .insertInto('web_sessions')
        .values(openWebSession(ids['alice'] ?? '', bed.time.nowMs))
        .execute();
    });
    for (const [name, id] of Object.entries({ ...ids, session: sessionId, ended: endedId }))
      known.set(name, id);
    await contract.call('PUT', '/users/users/carol/password/', { password: 'a long enough phrase' });
    const [storage] = items(await contract.call('GET', '/terminal/command-storages/'));
    const [log] = items(await contract.call('GET', '/audits/operate-logs/?user=root&resource=carol'));
    known.set('storage', String(storage?.['id']));
    known.set('log', String(log?.['id']));
    for (const caller of ['admin', 'person'] as const) {
      const key = await contract.call('POST', '/authentication/access-keys/', {}, callers[caller]);
      known.set(`key of ${caller}`, String(key.body['id']));
    }
  });
  afterAll(() => contract[Symbol.asyncDispose]());

  interface Sent {
    readonly caller?: 'admin' | 'person';
    readonly headers?: Readonly<Record<string, string>>;
    readonly method?: string;
    readonly path?: (path: string) => string;
    readonly body?: unknown;
  }

  const fill = (text: string, caller: string): string =>
    text.replaceAll(
      /\{(\w+)\}/g,
      (_, name: string) => known.get(name === 'key' ? `key of ${caller}` : name) ?? name,
    );
  /** What is refused comes from an address of its own each time: refusals slow an address down. */
  const send = (
    one: DocumentedCall,
    { caller = 'admin', headers, method, path, body }: Sent = {},
  ): Promise<Answer> => {
    const [documented = '', target = ''] = one.call.split(/ (.*)/);
    const given = body ?? one.body;
    const counts = headers === undefined || headers['authorization'] === `Token ${callers.admin}`;
    if (!counts) addresses += 1;
    return contract.bed.call(
      method ?? documented,
      fill(`/api/v1${(path ?? ((same: string) => same))(target)}`, caller),
      {
        headers: headers ?? { authorization: `Token ${callers[caller]}` },
        address: counts ? '203.0.113.7' : `10.9.${addresses >> 8}.${addresses & 255}`,
        ...(given === undefined
          ? {}
          : typeof given === 'string'
            ? { jsonText: given }
            : { body: JSON.parse(fill(JSON.stringify(given), caller)) as unknown }),
      },
    );
  };
  const withoutQuery = (path: string): string => path.split('?', 1)[0] ?? '';

  describe.each(CALLS)('$call', (one) => {
    /** What is not as documented; an empty list shows nothing, so it counts. */
    const problems = (answer: Answer, mayBeEmpty = false): readonly string[] => {
      if (answer.text === '') return [];
      const type = String(answer.headers['content-type']).startsWith('application/json')
        ? []
        : ['is no JSON'];
      if (one.items === undefined)
        return one.answer === undefined
          ? type
          : [...type, ...problemsIn(answer.body, SHAPES[one.answer][version])];
      const shape = SHAPES[one.items][version];
      const found = items(answer);
      const empty = found.length === 0 && one.items !== 'empty' && !mayBeEmpty ? ['is empty'] : [];
      return [...type, ...empty, ...found.flatMap((item) => problemsIn(item, shape))];
    };
    const status = one.status ?? 200;
    const isList = one.items !== undefined && one.call.startsWith('GET');

    test('is for nobody whose credential does not count', async () => {
      for (const [headers, code] of [
        [{}, 'not_authenticated'],
        [{ authorization: 'Bearer unknown' }, 'not_authenticated'],
        [{ authorization: 'Token unknown' }, 'authentication_failed'],
        [{ cookie: `jms_sessionid=${callers.admin}` }, 'not_authenticated'],
      ] as const) {
        const answer = await send(one, { headers });
        expect(answer).toMatchObject({ status: 401, body: { ...DETAIL, code } });
        expect(answer.headers['www-authenticate']).toBe(
          'Signature realm="api",headers="(request-target) date"',
        );
      }
    });

    test.runIf(one.everybody === undefined)('is for nobody without the role', async () => {
      expect(await send(one, { caller: 'person' })).toMatchObject({
        status: 403,
        body: { ...DETAIL, code: 'permission_denied' },
      });
    });

    test.runIf(/\{(?:alice|carol|session|log|key)\}\//.test(one.call))(
      'is 404 where nothing is',
      async () => {
        for (const nothing of [newId(), 'nonsense'])
          expect(
            await send(one, { path: (path) => path.replace(/\{\w+\}/, nothing), body: one.body }),
          ).toMatchObject({ status: 404, body: { ...DETAIL, code: 'object_does_not_exist' } });
      },
    );

    test('is 405 with a method that the path does not have', async () => {
      const options = await send(one, { method: 'OPTIONS', path: withoutQuery });
      expect(options.status).toBe(200);
      const allow = String(options.headers['allow']).split(', ');
      expect(allow).toContain(one.call.split(' ', 1)[0]);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((name) => !allow.includes(name)))
        expect(await send(one, { method, path: withoutQuery, body: {} })).toMatchObject({
          status: 405,
          body: { detail: `Method "${method}" not allowed.`, code: 'method_not_allowed' },
        });
    });

    test.each(one.wrong ?? [])('says which field is wrong: %j', async (what, fields) => {
      const answer = await send(
        one,
        typeof what === 'string' ? { path: (path) => `${withoutQuery(path)}${what}` } : { body: what.body },
      );
      expect([answer.status, Object.keys(answer.body).toSorted()]).toEqual([400, fields]);
      for (const messages of Object.values(answer.body))
        expect(messages).toEqual(expect.arrayContaining([expect.any(String)]));
    });

    test.runIf(one.body !== undefined)('says that a body is no JSON', async () => {
      expect(await send(one, { body: '{"cut' })).toMatchObject({
        status: 400,
        body: { ...DETAIL, code: 'parse_error' },
      });
    });

    test.runIf(isList)('is a page with a limit, and a list with one that is none', async () => {
      const limited = (limit: string) => (path: string) =>
        `${path}${path.includes('?') ? '&' : '?'}limit=${limit}`;
      const page = await send(one, { path: limited('1') });
      expect(page).toMatchObject({ status: 200, body: { previous: null, count: expect.any(Number) } });
      expect(Object.keys(page.body)).toEqual(['count', 'next', 'previous', 'results']);
      const all = items(await send(one));
      expect(page.body['results']).toHaveLength(Math.min(1, all.length));
      for (const limit of ['0', '-1', 'x'])
        expect(items(await send(one, { path: limited(limit) }))).toHaveLength(all.length);
    });

    test.runIf(status === 200 && one.call.startsWith('GET'))(
      'is the same for every organisation',
      async () => {
        const plain = await send(one);
        for (const organisation of [ROOT_ORGANISATION, newId(), 'default', 'nonsense'])
          expect(
            (
              await send(one, {
                headers: { authorization: `Token ${callers.admin}`, 'x-jms-org': organisation },
                path: (path) => `${path}${path.includes('?') ? '&' : '?'}oid=${organisation}`,
              })
            ).body,
          ).toEqual(plain.body);
      },
    );

    test('answers in its shape', async () => {
      const answer = await send(one);
      expect([answer.status, problems(answer, one.everybody)]).toEqual([status, []]);
      expect(answer.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
    });

    // What was deleted, or a password that was the old one, is not there a second time.
    const isRepeatable = status !== 204 && !one.call.startsWith('PUT /users/profile/password');
    test.runIf(isRepeatable)('answers the same without the slash at the end', async () => {
      const answer = await send(one, { path: (path) => path.replace(/\/(?=$|\?)/, '') });
      expect([answer.status, problems(answer, one.everybody)]).toEqual([status, []]);
    });

    test.runIf(one.everybody === true)('is for everybody, about themselves', async () => {
      const answer = await send(one, { caller: 'person' });
      expect([answer.status, problems(answer)]).toEqual([status, []]);
    });
  });

  const AUTH = '/api/v1/authentication/tokens/';
  const right = { username: 'alice', password: 'another long phrase' };
  test.each([
    ['as JSON', { body: right }],
    ['as the form of the documented example', { form: right }],
    ['with more than is asked for', { body: { ...right, public_key: null, challenge: '' } }],
  ])('signing in %s gives a token and the profile', async (_, how) => {
    const answer = await contract.bed.call('POST', AUTH, how);
    expect([answer.status, problemsIn(answer.body, SHAPES.signedIn[version])]).toEqual([201, []]);
    const headers = { authorization: `Bearer ${String(answer.body['token'])}` };
    expect((await contract.bed.call('GET', '/api/v1/users/profile/', { headers })).body).toEqual(
      answer.body['user'],
    );
  });

  test.each<readonly [string, CallOptions, readonly string[]]>([
    ['no password', { body: { username: 'alice' } }, ['password']],
    ['nothing', {}, ['password', 'username']],
    ['an empty form', { form: {} }, ['password', 'username']],
    ['numbers', { body: { username: 1, password: 2 } }, ['password', 'username']],
    ['a list', { body: [] }, ['non_field_errors']],
  ])('signing in with %s', async (_, how, fields) => {
    const answer = await contract.bed.call('POST', AUTH, how);
    expect([answer.status, Object.keys(answer.body).toSorted()]).toEqual([400, fields]);
  });

  test.each([
    ['POST', AUTH, { body: { ...right, password: 'wrong' } }, 400, 'password_failed'],
    ['POST', AUTH, { body: { ...right, username: 'nobody' } }, 400, 'password_failed'],
    ['POST', '/api/v1/authentication/mfa/challenge/', { body: { code: '123456' } }, 400, 'session_empty'],
    ['POST', '/api/v1/authentication/mfa/verify/', { form: { code: '123456' } }, 400, 'session_empty'],
  ])('%s %s %j', async (method, path, how, status, error) => {
    expect(await contract.bed.call(method, path, how)).toMatchObject({
      status,
      body: { error, msg: expect.any(String) },
    });
  });

  test('a sign-in by another method, or in what is neither JSON nor a form', async () => {
    expect(await contract.bed.call('GET', AUTH)).toMatchObject({
      status: 405,
      headers: { allow: 'POST, OPTIONS' },
      body: { code: 'method_not_allowed' },
    });
    expect(
      await contract.bed.call('POST', AUTH, { jsonText: 'x', headers: { 'content-type': 'text/plain' } }),
    ).toMatchObject({ status: 415, body: { code: 'unsupported_media_type' } });
  });

  test.each([
    ['false', false],
    ['False', false],
    [0, false],
    ['1', true],
    ['true', true],
  ])('is_active may be written as %j', async (is_active, expected) => {
    const changed = await contract.call('PATCH', '/users/users/carol/', { is_active });
    expect([changed.status, changed.body['is_active']]).toEqual([200, expected]);
    const form = { is_active: String(is_active) };
    const headers = { authorization: `Token ${callers.admin}` };
    expect(
      (await contract.bed.call('PATCH', '/api/v1/users/users/carol/', { form, headers })).body['is_active'],
    ).toBe(expected);
  });

  test('lists are as long as this version gives them', async () => {
    const { bed } = contract;
    await bed.storage.state.transact(async (tx) => {
      for (let count = 0; count < 205; count += 1)
        await addUser(tx, { username: `many-${count}` }, bed.time.nowMs);
    });
    const all = items(await contract.call('GET', '/users/users/'));
    expect(all).toHaveLength(version === 4 ? 200 : 208);
    const page = await contract.call('GET', '/users/users/?limit=100000');
    expect(page.body).toMatchObject({ count: 208, next: null });
    expect(page.body['results']).toHaveLength(208);
  });
});
