import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { authenticatorCode } from '#main/demo/authenticator.ts';
import type { World } from '#main/demo/world.ts';
import { runSsh, startSsh, type SshOptions } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

const NEW_PASSWORD = 'something that no thief has seen';
const DIALECT_ME = '/api/v1/users/profile/';

/** Everything of alice's that a thief has a copy of. */
interface Loot {
  readonly password: string;
  readonly totpSecret: string;
  readonly recoveryCodes: readonly string[];
  readonly identityFile: string;
  readonly token: string;
  readonly bearer: string;
  /** Of a browser that is signed in. */
  readonly webCookie: string;
  readonly accessKey: { readonly id: string; readonly secret: string };
}

async function created<T>(world: World, method: 'POST' | 'PUT', path: string, body: unknown): Promise<T> {
  const answer = await world.server.api<T>(method, path, body);
  if (answer.status >= 300)
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function collectLoot(world: World): Promise<Loot> {
  const identityFile = join(world.folder, 'stolen_key');
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', identityFile]);
  const publicKey = readFileSync(`${identityFile}.pub`, 'utf8').trim();
  await created(world, 'PUT', '/v1/users/alice/keys', { publicKeys: [publicKey] });
  const { token } = await created<{ token: string }>(world, 'POST', '/v1/tokens', { user: 'alice' });
  const key = await created<{ id: string; token: string }>(world, 'POST', '/v1/tokens', {
    user: 'alice',
    kind: 'access-key',
  });
  const { password } = world.people.alice;
  const signedIn = await fetch(`${world.server.httpUrl}/api/v1/authentication/auth/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'alice', password }),
  });
  const { token: bearer } = (await signedIn.json()) as { token: string };

  const web = await postForm(world, '/sign-in', { username: 'alice', password });
  const webCookie = cookieOf(web);

  const run = await startSsh(asAlice(world, '', { user: 'alice', terminal: true }));
  await run.shows('web01');
  run.type('mfa\r');
  await run.shows('Verification code');
  const totpSecret = /secret into the app: ([A-Z2-7 ]+)/.exec(run.screen())?.[1]?.trim() ?? '';
  run.type(`${authenticatorCode(totpSecret, Date.now())}\r`);
  await run.shows('Press Enter to go on');
  const recoveryCodes = run.screen().match(/[a-z2-7]{4}(?:-[a-z2-7]{4}){3}/g) ?? [];
  run.type('\r');
  const from = run.screen().length;
  await run.shows('web01', from);
  run.type('q\r');
  await run.exited;
  return {
    password,
    totpSecret,
    recoveryCodes,
    identityFile,
    token,
    bearer,
    webCookie,
    accessKey: { id: key.id, secret: key.token },
  };
}

type Ways = Readonly<Record<string, () => Promise<boolean>>>;

/** Each way in, and whether it lets in. `code` gives what is typed when a code is asked. */
function waysIn(world: World, loot: Loot, code: () => string): Ways {
  const ssh = (more: Partial<SshOptions>) => async (): Promise<boolean> =>
    (await runSsh(asAlice(world, 'web01', { command: ['true'], ...more }))).code === 0;
  const http = (path: string, headers: () => Record<string, string>) => async (): Promise<boolean> =>
    (await fetch(`${world.server.httpUrl}${path}`, { headers: headers(), redirect: 'manual' })).status ===
    200;
  const { password, identityFile, token, bearer, webCookie, accessKey } = loot;
  const signed = (): Record<string, string> => {
    const date = new Date().toUTCString();
    const signature = createHmac('sha256', accessKey.secret)
      .update(`(request-target): get ${DIALECT_ME}\ndate: ${date}`)
      .digest('base64');
    return {
      date,
      authorization: `Signature keyId="${accessKey.id}",algorithm="hmac-sha256",headers="(request-target) date",signature="${signature}"`,
    };
  };
  return {
    'ssh with password and code': ssh({ password, code: code() }),
    'ssh with key and code': ssh({ password: '', identityFile, code: code() }),
    'api with token': http('/v1/me', () => ({ authorization: `Bearer ${token}` })),
    'api with the token of a sign-in': http('/v1/me', () => ({ authorization: `Bearer ${bearer}` })),
    'dialect with token': http(DIALECT_ME, () => ({ authorization: `Token ${token}` })),
    'dialect with access key': http(DIALECT_ME, signed),
    'dialect by signing in': () => signIn(world, password, code()),
    'web by signing in': () => webSignIn(world, password, code()),
    'web with a copied cookie': http('/account', () => ({ cookie: webCookie })),
  };
}

async function signIn(world: World, password: string, code: string): Promise<boolean> {
  const post = (path: string, body: object, cookie = ''): Promise<Response> =>
    fetch(`${world.server.httpUrl}/api/v1/authentication/${path}/`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    });
  const first = await post('auth', { username: 'alice', password });
  if (first.status !== 200) return first.status === 201;
  const cookie = cookieOf(first);
  await post('mfa/challenge', { type: 'otp', code }, cookie);
  return (await post('auth', { username: 'alice', password }, cookie)).status === 201;
}

async function webSignIn(world: World, password: string, code: string): Promise<boolean> {
  const first = await postForm(world, '/sign-in', { username: 'alice', password });
  if (first.status !== 200) return first.status === 303;
  return (await postForm(world, '/sign-in/code', { code }, cookieOf(first))).status === 303;
}

function postForm(
  world: World,
  path: string,
  form: Readonly<Record<string, string>>,
  cookie = '',
): Promise<Response> {
  return fetch(`${world.server.httpUrl}${path}`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { cookie },
    redirect: 'manual',
  });
}

function cookieOf(answer: Response): string {
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function open(ways: Ways): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [name, letsIn] of Object.entries(ways)) if (await letsIn()) found.push(name);
  return found;
}

const linkOf = (text: string): string => /http:\S+\/recover\/[\w-]+/.exec(text)?.[0] ?? '';

test('what was stolen before a recovery opens nothing at any step of it', { timeout: 300_000 }, async () => {
  await using world = await startWorld({ config: { recovery: { secondPerson: true } } });
  const loot = await collectLoot(world);
  const codes = [...loot.recoveryCodes];
  const unused = (): string => codes.pop() ?? '';
  // Before: all of it lets in, or this test would prove nothing.
  const all = Object.keys(waysIn(world, loot, unused));
  codes.splice(0, codes.length, ...loot.recoveryCodes);
  expect(await open(waysIn(world, loot, unused))).toEqual(all);

  const thief = (): Ways => {
    const byCode = waysIn(world, loot, () => authenticatorCode(loot.totpSecret, Date.now() + 30_000));
    const byRecoveryCode = waysIn(world, loot, () => codes[0] ?? '');
    return {
      ...byCode,
      'ssh with password and recovery code': byRecoveryCode['ssh with password and code'] ?? noWay,
      'ssh with password alone': async () =>
        (await runSsh(asAlice(world, 'web01', { command: ['true'], password: loot.password }))).code === 0,
    };
  };
  await created(world, 'POST', '/v1/users/alice/recovery', {});
  expect(await open(thief()), 'before a second person agreed').toEqual([]);

  const approver = await created<{ token: string }>(world, 'POST', '/v1/apply', {
    users: [{ username: 'dave', kind: 'service', roles: ['responder'] }],
  }).then(() => created<{ token: string }>(world, 'POST', '/v1/tokens', { user: 'dave' }));
  const approved = await fetch(`${world.server.httpUrl}/v1/users/alice/recovery/approve`, {
    method: 'POST',
    headers: { authorization: `Bearer ${approver.token}` },
  });
  expect(approved.status).toBe(200);
  const mail = await world.mailbox.waitFor((one) => linkOf(one.text) !== '');
  const link = linkOf(mail.text);
  expect(await open(thief()), 'when the link was mailed').toEqual([]);

  // The old authenticator is no way to complete it either.
  const html = await (await fetch(link)).text();
  const secret = /<code>([A-Z2-7 ]{32,})<\/code>/.exec(html)?.[1] ?? '';
  const submit = (code: string): Promise<Response> =>
    fetch(link, {
      method: 'POST',
      body: new URLSearchParams({ password: NEW_PASSWORD, repeat: NEW_PASSWORD, code }),
    });
  expect((await submit(authenticatorCode(loot.totpSecret, Date.now()))).status).toBe(400);
  expect((await submit('')).status).toBe(400);
  const code = authenticatorCode(secret, Date.now());
  expect((await submit(code)).status).toBe(200);
  expect(await open(thief()), 'when the person is back').toEqual([]);

  // The link after use, and the new password without the new authenticator.
  expect([(await fetch(link)).status, (await submit(code)).status]).toEqual([410, 410]);
  const half = waysIn(world, { ...loot, password: NEW_PASSWORD }, () =>
    authenticatorCode(loot.totpSecret, Date.now() + 30_000),
  );
  expect(await open(half), 'with the new password and the old authenticator').toEqual([]);
  // So much guessing slows down everybody who uses this name, until somebody forgives it.
  const forgiven = await fetch(`${world.server.httpUrl}/api/v1/users/users/alice/unblock/`, {
    method: 'PATCH',
    headers: { authorization: `Token ${approver.token}` },
  });
  expect(forgiven.status).toBe(200);
  const next = authenticatorCode(secret, Date.now() + 30_000);
  const back = await runSsh(
    asAlice(world, 'web01', { command: ['true'], password: NEW_PASSWORD, code: next }),
  );
  expect(back.code).toBe(0);
});

test('nor when the recovery was cancelled', { timeout: 120_000 }, async () => {
  await using world = await startWorld();
  const loot = await collectLoot(world);
  await created(world, 'POST', '/v1/users/alice/recovery', {});
  const mail = await world.mailbox.waitFor((one) => linkOf(one.text) !== '');
  await created(world, 'POST', '/v1/users/alice/recovery/cancel', {});
  const ways = waysIn(world, loot, () => authenticatorCode(loot.totpSecret, Date.now() + 30_000));
  expect(await open(ways)).toEqual([]);
  expect((await fetch(linkOf(mail.text))).status).toBe(410);
});

const noWay = (): Promise<boolean> => Promise.resolve(false);
