import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiBed, createApiBed } from '../api/api-bed.ts';

/** Every call that the dialect is said to have, as its reference page lists them. */
const CALLS = `
  post /authentication/auth/
  post /authentication/tokens/
  post /authentication/mfa/challenge/
  post /authentication/mfa/verify/
  get /authentication/access-keys/
  post /authentication/access-keys/
  get /authentication/access-keys/{id}/
  delete /authentication/access-keys/{id}/
  get /users/users/
  patch /users/users/
  get /users/users/suggestions/
  get /users/users/{id}/
  patch /users/users/{id}/
  put /users/users/{id}/
  patch /users/users/{id}/password/reset/
  put /users/users/{id}/password/reset/
  patch /users/users/{id}/password/
  put /users/users/{id}/password/
  get /users/users/{id}/mfa/reset/
  patch /users/users/{id}/unblock/
  patch /users/users/{id}/pubkey/reset/
  get /users/profile/
  put /users/profile/
  patch /users/profile/
  put /users/profile/password/
  get /users/profile/mfa/reset/
  get /users/groups/
  get /terminal/sessions/
  get /terminal/sessions/{id}/
  get /terminal/my-sessions/
  post /terminal/tasks/kill-session/
  post /terminal/tasks/toggle-lock-session/
  get /terminal/commands/
  get /terminal/command-storages/
  get /audits/login-logs/
  get /audits/my-login-logs/
  get /audits/operate-logs/
  get /audits/operate-logs/{id}/
  get /audits/password-change-logs/
  get /audits/ftp-logs/
  get /audits/user-sessions/
  post /audits/user-sessions/offline/`
  .trim()
  .split(/\s*\n\s*/);

interface Operation {
  readonly operationId: string;
  readonly security?: readonly unknown[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly required: boolean };
  readonly responses: Readonly<Record<string, unknown>>;
}

describe.each([3, 4] as const)('the document of version %i', (jumpserverVersion) => {
  let bed: ApiBed;
  let operations: ReadonlyMap<string, Operation>;
  let text: string;
  beforeAll(async () => {
    bed = await createApiBed({ http: { jumpserverVersion } });
    const answer = await bed.call('GET', '/api/docs/json');
    text = answer.text;
    const paths = answer.body['paths'] as Record<string, Record<string, Operation>>;
    operations = new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(
          ([method, operation]) => [`${method} ${path.replace('/api/v1', '')}`, operation] as const,
        ),
      ),
    );
  });
  afterAll(() => bed[Symbol.asyncDispose]());

  test('has every call once, and no other', () => {
    expect([...operations.keys()].toSorted()).toEqual(CALLS.toSorted());
    const ids = [...operations.values()].map((one) => one.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(text).toContain(`version ${jumpserverVersion}`);
  });

  test('says what each answers', () => {
    for (const [call, { responses, parameters }] of operations) {
      expect([call, Object.keys(responses)]).toEqual([call, expect.arrayContaining(['405'])]);
      const inPath = parameters.filter((one) => one.in === 'path').map((one) => one.name);
      expect([call, inPath]).toEqual([call, [...call.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)]);
    }
    const statuses = (call: string): readonly string[] => Object.keys(operations.get(call)?.responses ?? {});
    expect(statuses('post /authentication/tokens/')).toEqual(['200', '201', '400', '405']);
    expect(statuses('post /authentication/mfa/challenge/')).toEqual(['200', '400', '401', '405']);
    expect(statuses('get /users/users/{id}/')).toEqual(['200', '400', '401', '403', '404', '405']);
    expect(statuses('put /users/profile/password/')).toContain('429');
    expect(operations.get('post /authentication/auth/')?.security).toEqual([]);
    expect(operations.get('get /users/users/')?.security).toBeUndefined();
    const names = operations.get('get /users/users/')?.parameters.map((one) => one.name);
    expect(names).toEqual(expect.arrayContaining(['username', 'is_active', 'limit', 'offset']));
    // What automation sends without meaning anything by it may be left out.
    expect(operations.get('patch /users/users/{id}/unblock/')?.requestBody?.required).toBe(false);
    expect(operations.get('put /users/profile/password/')?.requestBody?.required).toBe(true);
  });

  test('has a page to try it, which loads nothing from elsewhere', async () => {
    for (const path of ['/api/docs/', '/api/docs']) {
      const page = await bed.call('GET', path);
      expect([path, page.status]).toEqual([path, 200]);
      expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
      expect(page.text).not.toMatch(/(src|href)="https?:/);
    }
    expect((await bed.local('GET', '/api/docs/')).status).toBe(404);
  });
});
