import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { issueSetupLink } from '#api/pages/setup.ts';
import { PortcullisError } from '#contract/errors.ts';
import { issueLinkSecret } from '#identity/tokens.ts';
import { Secret } from '#lib/secret.ts';
import { type Answer, type ApiBed, createApiBed } from './api-bed.ts';

const link = issueLinkSecret().secret.expose();
const completed: { password: string; address: string; keepKeys: readonly string[]; code: string | null }[] =
  [];
const keys = [
  { id: 'key-1', fingerprint: 'SHA256:one', comment: 'laptop <b>' },
  { id: 'key-2', fingerprint: 'SHA256:two', comment: '' },
];
let isUsed = false;
let isDemanded = false;
let bed: ApiBed;

beforeEach(async () => {
  completed.length = 0;
  isUsed = false;
  isDemanded = false;
  bed = await createApiBed({
    recovery: {
      findLink: async (one) =>
        one.expose() === link && !isUsed
          ? {
              username: 'ali<ce>"&',
              language: 'zh',
              keys,
              secondFactor: { isDemanded, uri: new Secret('otpauth://x'), secret: new Secret('GEZD GNBV') },
            }
          : undefined,
      completeRecovery: async (one, { password, address, keepKeys, code }) => {
        if (code !== null && code.expose() !== '123456')
          throw new PortcullisError('E_INPUT', 'no', { problems: [{ path: 'code', message: 'no' }] });
        if (one.expose() !== link || isUsed) throw new PortcullisError('E_LINK_INVALID', 'no');
        isUsed = true;
        completed.push({
          password: password.expose(),
          address,
          keepKeys,
          code: code === null ? null : code.expose(),
        });
        return code === null ? [] : [new Secret('abcd-efgh-ijkl-mnop')];
      },
    },
  });
});
afterEach(() => bed[Symbol.asyncDispose]());

const good = 'a new and longer pass phrase';
const english = { 'accept-language': 'en-GB,en;q=0.9' };
const get = (path: string): Promise<Answer> => bed.call('GET', path, { headers: english });
const post = (path: string, form: Readonly<Record<string, string>>): Promise<Answer> =>
  bed.call('POST', path, { headers: english, form });

test('the recovery page shows a form, without scripts, and nothing that a scanner could set off', async () => {
  for (let i = 0; i < 3; i += 1) {
    const page = await get(`/recover/${link}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('<form method="post"');
    expect(page.text).not.toMatch(/<script|<link|<img|http-equiv|javascript:/i);
    expect(page.text).toContain('ali&lt;ce&gt;&quot;&amp;');
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-.*form-action 'self'/,
      ),
    });
  }
  expect(completed).toEqual([]);
});

test('the content policy names the style sheet that is in the page', async () => {
  const { text, headers } = await get(`/recover/${link}`);
  const style = /<style>([^]*?)<\/style>/.exec(text)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  expect(String(headers['content-security-policy'])).toContain(`style-src 'sha256-${digest}'`);
});

test('the page speaks the language of the browser, else that of the user', async () => {
  const chinese = await bed.call('GET', `/recover/${link}`, { headers: { 'accept-language': 'fr, zh-CN' } });
  const unsaid = await bed.call('GET', `/recover/${link}`);
  for (const page of [chinese, unsaid]) expect(page.text).toContain('<html lang="zh-Hans">');
  expect((await get(`/recover/${link}`)).text).toContain('Set a new password');
});

test.each([
  ['short', 'short', 'at least 12 characters'],
  [' ', '', 'at least 12 characters'],
  ['aaaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaaa', 'again and again'],
  [good, `${good}!`, 'not the same'],
])('the password "%s" repeated as "%s" is not taken', async (password, repeat, problem) => {
  const page = await post(`/recover/${link}`, { password, repeat });
  expect(page.status).toBe(400);
  expect(page.text).toContain(problem);
  expect(page.text).toContain('<form');
  expect(page.text).not.toContain(`value="${password}"`);
  expect(completed).toEqual([]);
});

test('the button sets the password, once', async () => {
  const done = await post(`/recover/${link}`, { password: good, repeat: good });
  expect(done.status).toBe(200);
  expect(done.text).toContain('You have access again');
  expect(completed).toEqual([{ password: good, address: '203.0.113.7', keepKeys: [], code: null }]);
  expect((await post(`/recover/${link}`, { password: good, repeat: good })).status).toBe(410);
  expect((await get(`/recover/${link}`)).status).toBe(410);
});

test('keys are confirmed one by one, none beforehand, and only those that were offered', async () => {
  const page = await get(`/recover/${link}`);
  expect(page.text).toContain('value="key-1"> <code>SHA256:one</code> laptop &lt;b&gt;');
  expect(page.text).not.toContain('checked');
  const form = { password: good, repeat: good, key: 'key-2' };
  await post(`/recover/${link}`, form);
  isUsed = false;
  const several = new URLSearchParams([...Object.entries(form), ['key', 'key-1'], ['key', 'somebody-elses']]);
  await bed.call('POST', `/recover/${link}`, {
    headers: { ...english, 'content-type': 'application/x-www-form-urlencoded' },
    body: several.toString(),
  });
  expect(completed.map((one) => one.keepKeys)).toEqual([['key-2'], ['key-2', 'key-1']]);
});

test('an authenticator is offered: with its code the recovery codes are shown, a wrong one changes nothing', async () => {
  const form = { password: good, repeat: good };
  const offered = await get(`/recover/${link}`);
  expect(offered.text).toContain('<svg class="qr" role="img"');
  expect(offered.text).toContain('GEZD GNBV');
  const wrong = await post(`/recover/${link}`, { ...form, code: '000000' });
  expect([wrong.status, completed]).toEqual([400, []]);
  expect(wrong.text).toContain('not the code that the authenticator shows');
  expect(wrong.text).toContain('<form');
  const done = await post(`/recover/${link}`, { ...form, code: '123456' });
  expect(done.status).toBe(200);
  expect(done.text).toContain('abcd-efgh-ijkl-mnop');
});

test('where a second factor is demanded nothing happens without a code', async () => {
  isDemanded = true;
  const page = await post(`/recover/${link}`, { password: good, repeat: good, code: ' ' });
  expect([page.status, completed]).toEqual([400, []]);
  expect(page.text).toContain('a second factor is demanded');
  expect(page.text).toMatch(/name="code"[^>]* required/);
});

test('unknown, used and malformed links give one and the same page', async () => {
  isUsed = true;
  const other = issueLinkSecret().secret.expose();
  const pages = [];
  for (const path of [link, other, 'x', `${link}x`]) {
    pages.push(await get(`/recover/${path}`));
    pages.push(await post(`/recover/${path}`, { password: good, repeat: good }));
  }
  pages.push(await get(`/setup/${other}`));
  expect(new Set(pages.map((page) => page.status))).toEqual(new Set([410]));
  expect(new Set(pages.map((page) => page.text)).size).toBe(1);
});

test('the set-up link creates the first administrator, once, and only when there is none', async () => {
  const setup = (await issueSetupLink(bed.services))?.expose() ?? '';
  const form = { username: 'root.admin', name: 'R', email: 'r@example.test', password: good, repeat: good };
  expect((await get(`/setup/${setup}`)).text).toContain('Create the administrator');
  const bad = await post(`/setup/${setup}`, { ...form, username: 'a b"><script>' });
  expect(bad.status).toBe(400);
  expect(bad.text).not.toContain('<script>');
  expect((await post(`/setup/${setup}`, form)).status).toBe(200);
  expect((await bed.local('GET', '/v1/users/root.admin')).body).toMatchObject({ roles: ['admin', 'user'] });
  const { users, passwords } = bed.services;
  const hash = (await users.find('root.admin'))?.passwordHash ?? null;
  expect(await passwords.verify(new Secret(good), hash)).toBe(true);
  expect((await post(`/setup/${setup}`, { ...form, username: 'other' })).status).toBe(410);
  expect(await issueSetupLink(bed.services)).toBeNull();
  const created = (await bed.events()).find((one) => one.type === 'object.created');
  expect(created).toMatchObject({ actor: 'setup', user: 'root.admin' });
});

test('a newer set-up link replaces the older one, and it ends by itself', async () => {
  const older = (await issueSetupLink(bed.services))?.expose() ?? '';
  const newer = (await issueSetupLink(bed.services))?.expose() ?? '';
  expect((await get(`/setup/${older}`)).status).toBe(410);
  expect((await get(`/setup/${newer}`)).status).toBe(200);
  bed.time.nowMs += 25 * 3_600_000;
  expect((await get(`/setup/${newer}`)).status).toBe(410);
});

test('two people with the same set-up link do not both become administrators', async () => {
  const setup = (await issueSetupLink(bed.services))?.expose() ?? '';
  const both = await Promise.all(
    ['one', 'two'].map((username) => post(`/setup/${setup}`, { username, password: good, repeat: good })),
  );
  expect(new Set(both.map((page) => page.status))).toEqual(new Set([200, 410]));
});
