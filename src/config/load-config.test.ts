import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { isPortcullisError } from '#contract/errors.ts';
import { CONFIG_KEYS } from './config-keys.ts';
import type { Environment } from './environment.ts';
import { type LoadedConfig, loadConfig } from './load-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(yaml: string, env: Environment = {}): LoadedConfig {
  const file = join(folder, 'portcullis.yaml');
  writeFileSync(file, yaml);
  return loadConfig({ file, env, cwd: '/' });
}

function problems(yaml: string, env: Environment = {}): string[] {
  try {
    load(yaml, env);
  } catch (error) {
    if (!isPortcullisError(error) || error.exitCode !== 78) throw error;
    return error.problems.map((one) => `${one.path}: ${one.message}`);
  }
  return [];
}

test('without a file everything has its default', () => {
  const { config, file } = loadConfig({ env: {}, cwd: folder });
  expect(file).toBeNull();
  expect(config.dataDir).toBe(join(folder, 'data'));
  expect(config.ssh.listen).toEqual([{ host: '0.0.0.0', port: 2222 }]);
  expect(config.limits).toMatchObject({ idleMs: 1_800_000, sessionMs: 86_400_000 });
  expect(config.retention.reserveBytes).toBe(268_435_456);
  expect(config.vault).toEqual({ keyFile: join(folder, 'data', 'master.key'), keyFileConfigured: false });
  expect(config.http.publicUrl).toBe('http://127.0.0.1:8080');
  expect(config.mail).toBeNull();
});

test('the configuration is frozen through and through', () => {
  const { config } = load('ssh: {blockUsers: [mallory]}');
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.isFrozen(config.ssh.blockUsers)).toBe(true);
  expect(Object.isFrozen(config.ssh.listen[0])).toBe(true);
});

test('paths are relative to the file, those from the environment to the working directory', () => {
  mkdirSync(join(folder, 'rules'), { recursive: true });
  const { config } = load('dataDir: var\ndetection: {rules: [rules]}\nvault: {keyFile: ../k}', {
    PORTCULLIS_MAIL_HOST: 'localhost',
    PORTCULLIS_MAIL_FROM: 'a@b.test',
    PORTCULLIS_MAIL_PASSWORD_FILE: 'pw',
  });
  expect(config.dataDir).toBe(join(folder, 'var'));
  expect(config.detection.rules).toEqual([join(folder, 'rules')]);
  expect(config.vault.keyFileConfigured).toBe(true);
  expect(config.mail?.passwordFile).toBe('/pw');
});

test('the environment wins, for every kind of key', () => {
  const { config } = load('ssh: {banner: a, blockUsers: [x]}\nlimits: {idle: 1m}', {
    PORTCULLIS_SSH_BANNER: 'b',
    PORTCULLIS_SSH_BLOCK_USERS: 'eve, mallory',
    PORTCULLIS_LIMITS_AUTHENTICATION_TRIES: '3',
    PORTCULLIS_LIMITS_IDLE: '90s',
    PORTCULLIS_DETECTION_LOCKOUTS_PER_10_MINUTES: '7',
    PORTCULLIS_TOKEN: 'not a key of the configuration',
    PORTCULLIS_TEST_SEED: '1',
    HOME: '/root',
  });
  expect(config.ssh.banner).toBe('b');
  expect(config.ssh.blockUsers).toEqual(['eve', 'mallory']);
  expect(config.limits.authenticationTries).toBe(3);
  expect(config.limits.idleMs).toBe(90_000);
  expect(config.detection.lockoutsPer10Minutes).toBe(7);
});

test('every key has a description and a variable of its own', () => {
  expect(CONFIG_KEYS.length).toBeGreaterThan(40);
  expect(CONFIG_KEYS.filter((key) => key.description === '')).toEqual([]);
  expect(new Set(CONFIG_KEYS.map((key) => key.variable)).size).toBe(CONFIG_KEYS.length);
});

test('all mistakes are reported at once, with path and fix', () => {
  expect(
    problems(
      `
dataDri: /tmp
ssh: {listen: 0.0.0.0:22, blokUsers: [a]}
limits: {idle: 5 minutes, authenticationTries: many}
mail: {host: mail.example.test}
`,
      { PORTCULLIS_SSH_BLOCK_USER: 'mallory', PORTCULLIS_LIMITS_PENDING_CONNECTIONS: 'lots' },
    ),
  ).toEqual([
    'PORTCULLIS_SSH_BLOCK_USER: is not known; did you mean "PORTCULLIS_SSH_BLOCK_USERS"?',
    'ssh.listen: must be a list, not text',
    'ssh.blokUsers: is not known; did you mean "blockUsers"?',
    'mail.from: is missing; it must be text',
    'limits.idle: must be a number with a unit: 500ms, 30s, 15m, 24h, 90d',
    'limits.authenticationTries: must be a number, not text',
    'limits.pendingConnections: must be a number, not text (from PORTCULLIS_LIMITS_PENDING_CONNECTIONS)',
    'dataDri: is not known; did you mean "dataDir"?',
  ]);
});

test.each([
  ['not YAML', 'ssh: [', 'line 1'],
  ['a key twice', 'logLevel: info\nlogLevel: warn', 'line 2'],
  ['not a tree', '- a', ': must be a section'],
  ['a port out of range', 'ssh: {listen: ["0.0.0.0:70000"]}', 'ssh.listen[0]: the port'],
  ['no address at all', 'http: {listen: []}', 'http.listen: needs at least one'],
  ['a proxy that is no address', 'http: {trustedProxies: [lb.example.test]}', 'http.trustedProxies[0]'],
  ['a proxy range that is none', 'ssh: {trustedProxies: [10.0.0.0/33]}', 'ssh.trustedProxies[0]'],
  [
    'a break-glass address that is a name',
    'detection: {breakGlassAddresses: [office]}',
    'detection.breakGlassAddresses[0]',
  ],
  ['a limit of zero', 'limits: {idle: 0s}', 'limits.idle: must be longer'],
  [
    'http off loopback',
    'http: {publicUrl: "http://gate.example.test"}',
    'http.publicUrl: must begin with https',
  ],
  ['another scheme', 'http: {publicUrl: "ftp://127.0.0.1"}', 'http.publicUrl: must begin with https'],
  ['a query', 'http: {publicUrl: "https://a.test/?x=1"}', 'http.publicUrl: must have no'],
  ['mail in the open', 'mail: {host: mail.example.test, from: a@b.test, security: none}', 'mail.security'],
  ['a password in the open', 'mail: {host: localhost, from: a@b.test, security: none, user: u}', 'mail.user'],
  ['a sender that is none', 'mail: {host: localhost, from: gate}', 'mail.from'],
  ['a sender with a line break', 'mail: {host: localhost, from: "a\\nBcc: <x@y.test>"}', 'mail.from'],
  ['a password in a URL', 'state: {url: "postgres://u:p@db.test/x"}', 'state.url: must not contain'],
  ['another database', 'state: {url: "mysql://db.test/x"}', 'state.url: must begin with postgres://'],
  ['a missing certificate', 'http: {tls: {certFile: no.pem, keyFile: no.pem}}', 'http.tls.certFile'],
  ['half a section', 'http: {tls: {certFile: a.pem}}', 'http.tls.keyFile: is missing'],
  ['a user name that is none', 'ssh: {blockUsers: ["a b"]}', 'ssh.blockUsers[0]'],
  ['a prototype', '__proto__: {x: 1}', '__proto__: is not known'],
])('%s is a problem', (_name, yaml, expected) => {
  expect(problems(yaml).join('\n')).toContain(expected);
});

test('sections left empty count as not mentioned', () => {
  expect(load('ssh:\nmail:\nlimits:\n').config.mail).toBeNull();
});

test('aliases that grow without bound are refused', () => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
  for (const [name, previous] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf'].map((pair) => pair.split('')))
    bomb.push(`${name}: &${name} [${Array(9).fill(`*${previous}`).join(',')}]`);
  expect(() => load(bomb.join('\n'))).toThrow(/cannot be read/);
});

test('a file that was named must be there', () => {
  expect(() => loadConfig({ file: 'nowhere.yaml', env: {}, cwd: folder })).toThrow(/no configuration file/);
});

test('what is probably not meant is a warning', () => {
  const { warnings } = load(`
http: {listen: ['0.0.0.0:8080']}
mail: {host: localhost, security: none, from: a@b.test}
ssh: {allowUsers: [alice], blockUsers: [Alice]}`);
  expect(warnings.map((one) => one.path)).toEqual(['http.tls', 'http.publicUrl', 'ssh.allowUsers']);
});

test('nothing listens for syslog until an address is named, and what is named is checked', () => {
  expect(load('').config.intake).toMatchObject({ udp: [], tcp: [], tls: [], datagramBytes: 65_536 });
  expect(load('intake: {udp: ["127.0.0.1:5514"]}').config.intake.udp).toEqual([
    { host: '127.0.0.1', port: 5514 },
  ]);
  expect(problems('intake: {tls: ["127.0.0.1:6514"]}')).toEqual([
    'intake.certificate: is needed for the addresses of intake.tls',
  ]);
  expect(
    problems('intake: {udp: ["127.0.0.1:70000"], allowFrom: [everybody], datagram: 1MiB, zone: Mars}'),
  ).toEqual([
    'intake.udp[0]: the port must be 0 to 65535',
    expect.stringContaining('intake.allowFrom[0]: must be an IP address'),
    expect.stringContaining('intake.zone: is no time zone'),
    'intake.datagram: must be 1KiB to 64KiB',
  ]);
});

test('the example in the repository is valid', () => {
  const file = fileURLToPath(new URL('../../portcullis.example.yaml', import.meta.url));
  expect(loadConfig({ file, env: {} }).warnings).toEqual([]);
});

test('modes of rules and the zone of their hours', () => {
  const { config } = load('detection: {modes: [many_assets=off, a=auto], timeZone: Asia/Shanghai}');
  expect(config.detection.modes).toEqual({ many_assets: 'off', a: 'auto' });
  expect(config.detection.timeZone).toBe('Asia/Shanghai');
  expect(load('').config.detection).toMatchObject({ modes: {}, timeZone: 'UTC' });
  expect(load('', { PORTCULLIS_DETECTION_MODES: 'x=shadow, y=off' }).config.detection.modes).toEqual({
    x: 'shadow',
    y: 'off',
  });
  expect(problems('detection: {modes: [many_assets]}')).toEqual([
    expect.stringContaining('detection.modes[0]: must be a rule, "="'),
  ]);
  expect(problems('detection: {modes: [a=off, a=auto]}')).toEqual(['detection.modes[1]: names a again']);
  expect(problems('detection: {timeZone: Mars/Olympus}')).toEqual([
    expect.stringContaining('detection.timeZone: is no time zone'),
  ]);
});

const CONNECTOR = 'name: jumpserver-1, kind: jumpserver, url: "https://jumpserver.example.com/"';

test('a connector is resolved: paths, credential and what was left out', () => {
  const { config } = load(`connectors: [{${CONNECTOR}, tokenFile: js.token}]\n`);
  expect(config.connectors).toEqual([
    {
      name: 'jumpserver-1',
      kind: 'jumpserver',
      url: 'https://jumpserver.example.com',
      caFile: null,
      dangerouslyAcceptAnyCertificate: false,
      credential: { kind: 'token', file: join(folder, 'js.token') },
      version: 'auto',
      organisations: 'all',
      breakGlassUsers: [],
    },
  ]);
});

test.each([
  [`[{${CONNECTOR}}]`, 'connectors[0]: needs either tokenFile or accessKey'],
  [
    `[{${CONNECTOR}, tokenFile: a, accessKey: {id: b, secretFile: c}}]`,
    'connectors[0]: needs either tokenFile or accessKey',
  ],
  [
    '[{name: gateway, kind: jumpserver, url: "https://j.example", tokenFile: a}]',
    'connectors[0].name: "gateway" is the realm of our own users',
  ],
  [
    '[{name: j, kind: jumpserver, url: "https://a.example", tokenFile: a}, {name: J, kind: jumpserver, url: "https://b.example", tokenFile: b}]',
    'connectors[1].name: names J again',
  ],
  [
    '[{name: j, kind: jumpserver, url: "http://j.example", tokenFile: a}]',
    'connectors[0].url: must begin with https:// unless it is a loopback address; the token travels over it',
  ],
  [
    '[{name: j, kind: jumpserver, url: "https://u:p@j.example", tokenFile: a}]',
    'connectors[0].url: must have no name, password, query or fragment',
  ],
])('a connector that cannot be meant is refused: %s', (connectors, problem) => {
  expect(problems(`connectors: ${connectors}\n`)).toEqual([problem]);
});

test('a misspelt key of a connector is named with what was meant', () => {
  expect(problems(`connectors: [{${CONNECTOR}, tokenfile: a}]\n`)).toEqual([
    expect.stringMatching(/^connectors\[0\]\.tokenfile: .*tokenFile/),
  ]);
});
