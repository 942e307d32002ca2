import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ForeignUser } from '#responder/connectors/connector.ts';
import type { Fault } from '../testbed/jumpserver/faults.ts';
import { DEFAULT_ORGANISATION } from '../testbed/jumpserver/model.ts';
import { startJumpServer } from '../testbed/jumpserver/server.ts';
import { addSession, addUser, type BastionBed, QUICK, startBastion } from './companion-bed.ts';

const USERS = 'GET users/users/';
const PROFILE = 'GET users/profile/';
const soon = (): AbortSignal => AbortSignal.timeout(20_000);

async function alice(bed: BastionBed): Promise<ForeignUser> {
  const user = await bed.connector.findUser('alice', soon());
  if (user === null) throw new Error('there is no alice');
  return user;
}

let folder: string;
const tls = { key: '', cert: '' };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-connector-'));
  const openssl = (line: string): Buffer =>
    execFileSync('openssl', line.split(' '), { cwd: folder, stdio: 'pipe' });
  await writeFile(join(folder, 'names'), 'subjectAltName=DNS:localhost');
  openssl(
    'req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout key.pem -out csr',
  );
  openssl('x509 -req -in csr -signkey key.pem -days 90 -extfile names -out cert.pem');
  tls.key = await readFile(join(folder, 'key.pem'), 'utf8');
  tls.cert = await readFile(join(folder, 'cert.pem'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('who calls', () => {
  test('an access key signs what is sent, query and all', async () => {
    const id = '7d3c6b1a-0f2e-4d5c-8b9a-1c2d3e4f5a6b';
    const secret = '0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0';
    await using bed = await startBastion({
      robot: { token: null, accessKey: { id, secret } },
      config: { credential: { kind: 'access-key', id, file: 'not read here' } },
      secret,
    });
    const odd = addUser(bed.standIn.model, { username: 'ö+a b&c%2F' });
    expect(await bed.connector.findUser(odd.username, soon())).toMatchObject({ id: odd.id });
    await bed.connector.setActive(await alice(bed), false, soon());
    expect(bed.alice.isActive).toBe(false);
  });

  test.each([
    ['a token', {}],
    ['an access key', { credential: { kind: 'access-key', id: 'nobody', file: '' } } as const],
  ])('%s that is not accepted is said to be so, and shown to nobody', async (_name, config) => {
    const secret = 'f'.repeat(40);
    await using bed = await startBastion({ config, secret });
    const error: unknown = await bed.connector.self(soon()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: 'unauthenticated', mayHaveActed: false });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(secret);
    // Trying it again and again would lock the account.
    expect(bed.standIn.calls).toHaveLength(1);
  });
});

describe('whom it trusts', () => {
  test('a certificate that nobody vouches for ends the call before the token is sent', async () => {
    await using bed = await startBastion({ tls });
    await expect(bed.connector.self(soon())).rejects.toMatchObject({ failure: 'certificate' });
    expect(bed.standIn.calls).toEqual([]);
  });

  test('the configured authority vouches for it', async () => {
    await using bed = await startBastion({ tls, config: { caFile: join(folder, 'cert.pem') } });
    expect(await bed.connector.self(soon())).toMatchObject({ username: 'portcullis' });
    const report = await bed.connector.check(soon());
    expect(report.checks.find(({ name }) => name === 'TLS')).toMatchObject({
      status: 'ok',
      detail: 'TLSv1.3, certificate of localhost by localhost',
    });
  });

  test('only the dangerous key switches that off', async () => {
    await using bed = await startBastion({ tls, config: { dangerouslyAcceptAnyCertificate: true } });
    expect(await bed.connector.self(soon())).toMatchObject({ username: 'portcullis' });
  });

  test('a redirect is not followed, so the token goes nowhere else', async () => {
    await using thief = await startJumpServer();
    await using bed = await startBastion();
    bed.standIn.fault(
      PROFILE,
      ...Array.from({ length: 4 }, () => ({ kind: 'redirect', to: thief.url }) as const),
    );
    await expect(bed.connector.self(soon())).rejects.toMatchObject({
      failure: 'protocol',
      message: expect.stringContaining('was redirected') as string,
    });
    expect(thief.calls).toEqual([]);
  });

  test('links to the next page that lead elsewhere are not followed, and no page is missed', async () => {
    await using thief = await startJumpServer();
    await using bed = await startBastion({ originOfLinks: thief.url });
    for (let count = 0; count < 250; count++) addSession(bed.standIn.model, bed.alice);
    expect(await bed.connector.sessions(await alice(bed), soon())).toHaveLength(250);
    expect(thief.calls).toEqual([]);
  });

  test('a proxy of the environment is not used', async () => {
    await using thief = await startJumpServer();
    for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'ALL_PROXY']) vi.stubEnv(name, thief.url);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    try {
      await using bed = await startBastion();
      expect(await bed.connector.self(soon())).toMatchObject({ username: 'portcullis' });
      expect(thief.calls).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('how long and how much', () => {
  const worn: readonly (readonly [string, Fault, string])[] = [
    ['silence', { kind: 'silence' }, 'timeout'],
    ['an answer without end', { kind: 'trickle' }, 'timeout'],
    ['half an answer', { kind: 'half' }, 'broken'],
    ['a connection that closes', { kind: 'reset' }, 'broken'],
    ['a flood', { kind: 'flood' }, 'protocol'],
    ['a page of a portal', { kind: 'portal' }, 'protocol'],
    ['errors', { kind: 'status', status: 500 }, 'server'],
  ];
  test.each(worn)('%s four times over is given up, and named', async (_name, fault, failure) => {
    await using bed = await startBastion();
    bed.standIn.fault(PROFILE, fault, fault, fault, fault);
    await expect(bed.connector.self(soon())).rejects.toMatchObject({ failure });
    expect(bed.standIn.calls).toHaveLength(4);
  });

  test('nobody there is told at once', async () => {
    const bed = await startBastion();
    await bed.standIn[Symbol.asyncDispose]();
    await expect(bed.connector.self(soon())).rejects.toMatchObject({
      failure: 'unreachable',
      mayHaveActed: false,
    });
  });

  test('a server that asks for more patience than an action has is not waited for', async () => {
    await using bed = await startBastion();
    bed.standIn.fault(PROFILE, { kind: 'status', status: 429, headers: { 'Retry-After': '120' } });
    await expect(bed.connector.self(soon())).rejects.toMatchObject({
      failure: 'throttled',
      retryAfterMs: 120_000,
    });
    expect(bed.standIn.calls).toHaveLength(1);
  });

  test('what acts is not sent again when it may have been done', async () => {
    await using bed = await startBastion();
    const user = await alice(bed);
    bed.standIn.fault(/mfa\/reset/, { kind: 'done-then-reset' });
    await expect(bed.connector.resetMfa(user, soon())).rejects.toMatchObject({ mayHaveActed: true });
    expect(bed.standIn.calls.filter(({ what }) => what.includes('mfa/reset'))).toHaveLength(1);
    expect(bed.standIn.model.mails).toHaveLength(1);
  });

  test('a call ends with the patience of whoever waits for it', async () => {
    await using bed = await startBastion({
      limits: { ...QUICK, responseTimeoutMs: 60_000, totalTimeoutMs: 60_000 },
    });
    bed.standIn.fault(PROFILE, { kind: 'silence' });
    const over = new AbortController();
    bed.standIn.before(PROFILE, () => over.abort());
    await expect(bed.connector.self(over.signal)).rejects.toMatchObject({ failure: 'timeout' });
    expect(bed.standIn.calls).toHaveLength(1);
  });
});

describe('what it believes', () => {
  test.each([2, 3, 4] as const)('lists of version %i with and without pages', async (version) => {
    for (const ignoresLimit of [false, true]) {
      await using bed = await startBastion({ version, ignoresLimit });
      for (let count = 0; count < 150; count++) addSession(bed.standIn.model, bed.alice);
      expect(await bed.connector.sessions(await alice(bed), soon())).toHaveLength(150);
    }
  });

  test('a list without end is no list', async () => {
    await using bed = await startBastion({ isEndless: true });
    await expect(alice(bed)).rejects.toMatchObject({
      failure: 'protocol',
      message: expect.stringContaining('more than 100 pages') as string,
    });
  });

  test('a change that the server takes and does not make is no change', async () => {
    await using bed = await startBastion();
    const self = await bed.connector.findUser('portcullis', soon());
    if (self === null) throw new Error('there is no account');
    await expect(bed.connector.setActive(self, false, soon())).rejects.toMatchObject({ failure: 'refused' });
  });

  test('in the community edition there is one organisation, and everybody is found in it', async () => {
    await using bed = await startBastion({
      community: true,
      robot: { isSuperuser: false, permissions: ['users.view_user', 'terminal.view_session'] },
    });
    const session = addSession(bed.standIn.model, bed.alice);
    const found = await bed.connector.sessions(await alice(bed), soon());
    expect(found).toEqual([expect.objectContaining({ id: session.id, organisation: DEFAULT_ORGANISATION })]);
  });

  test('only the organisations that are named are looked into', async () => {
    await using bed = await startBastion({ config: { organisations: [DEFAULT_ORGANISATION] } });
    await alice(bed);
    const asked = bed.standIn.calls.filter(({ what }) => what === USERS);
    expect(asked.map(({ organisation }) => organisation)).toEqual([DEFAULT_ORGANISATION]);
  });
});

describe('what the test of a connector tells', () => {
  test.each([2, 3, 4] as const)('version %i and everything granted', async (version) => {
    await using bed = await startBastion({ version });
    const report = await bed.connector.check(soon());
    expect(report).toMatchObject({ usable: true, version });
    expect(report.permissions.map(({ granted }) => granted)).not.toContain(false);
    expect(report.permissions).toHaveLength(version === 2 ? 5 : 7);
    expect(bed.standIn.calls.filter(({ what }) => !what.startsWith('GET '))).toEqual([]);
  });

  test('each right that is missing, and what for', async () => {
    const permissions = ['users.view_user', 'terminal.view_session', 'terminal.view_command'];
    await using bed = await startBastion({ robot: { isSuperuser: false, permissions } });
    const report = await bed.connector.check(soon());
    expect(report.usable).toBe(false);
    const failed = report.checks
      .filter(({ status }) => status === 'failure')
      .map(({ name, detail }) => [name, detail]);
    expect(failed).toEqual([
      [
        'permission users.change_user',
        'missing; needed to disable and enable, end passwords, mail reset links, unblock',
      ],
      ['permission terminal.terminate_session', 'missing; needed to end sessions on assets'],
    ]);
  });

  test('clocks that differ', async () => {
    await using bed = await startBastion({ clockAheadMs: -300_000 });
    const report = await bed.connector.check(soon());
    expect(report.clockAheadMs).toBeLessThanOrEqual(-300_000);
    expect(report.checks.find(({ name }) => name === 'clock')).toMatchObject({
      status: 'warning',
      detail: expect.stringMatching(/^30[01] s behind ours$/) as string,
    });
  });

  test('an organisation that the account does not see', async () => {
    const other = '11111111-2222-4333-8444-555555555555';
    await using bed = await startBastion({ config: { organisations: [other] } });
    const report = await bed.connector.check(soon());
    expect(report.usable).toBe(false);
    expect(report.checks.find(({ name }) => name === 'organisations')?.detail).toContain(other);
  });

  test('a server that is not there', async () => {
    const bed = await startBastion();
    await bed.standIn[Symbol.asyncDispose]();
    expect(await bed.connector.check(soon())).toMatchObject({
      usable: false,
      version: null,
      checks: [{ name: 'reachability', status: 'failure' }],
    });
  });
});
