import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Lock } from '#contract/resources/lock.ts';
import type { AccessFacts } from '#domain/access/decide.ts';
import { Secret } from '#lib/secret.ts';
import type { KnownUser, UserDirectory } from '#state/user-reader.ts';
import { createAuthenticator, type Authenticator, type OfferedKey } from './authenticator.ts';
import { configLoginRules } from './config-login-rules.ts';
import type { Challenge, LoginAttempt, LoginDecision } from './login-attempt.ts';
import { createLoginGuard } from './login-guard.ts';
import { createPasswords } from './passwords.ts';
import { keyFingerprint } from './public-keys.ts';

const passwords = createPasswords({ cost: { memoryKiB: 64, passes: 1, lanes: 1 } });
const fiveFree = { freeTries: 5, firstPauseMs: 60_000, longestPauseMs: 60_000, forgetAfterMs: 600_000 };
const generous = { ...fiveFree, freeTries: 1_000 };

function ed25519(): { readonly blob: Buffer; readonly privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { blob: Buffer.concat([Buffer.from('\0\0\0\x0bssh-ed25519\0\0\0\x20'), point]), privateKey };
}
const aliceKey = ed25519();
const oldKey = ed25519();
const foreignKey = ed25519();
const offer = (blob: Buffer): OfferedKey => ({ algorithm: 'ssh-ed25519', rsaHash: undefined, blob });

let users: Map<string, KnownUser>;
let facts: AccessFacts;
let isStateDown: boolean;
let authenticator: Authenticator;

const person = (username: string, more: Partial<KnownUser>): KnownUser => ({
  id: `id-${username}`,
  username,
  name: username,
  email: null,
  kind: 'person',
  roles: ['user'],
  groups: [],
  language: 'en',
  passwordHash: null,
  keys: [],
  secondFactor: { isEnrolled: false, isRequired: false },
  ...more,
});

const lock = (targetKind: Lock['targetKind'], target: string): Lock => ({
  id: '01900000-0000-7000-8000-000000000000',
  targetKind,
  target,
  mode: 'cut',
  reason: '',
  owner: 'test',
  offenseId: null,
  createdAt: 0,
  expiresAt: null,
});

beforeEach(async () => {
  const key = (blob: Buffer, isSuspended: boolean) => ({
    id: blob.toString('hex'),
    blob: blob.toString('base64'),
    fingerprint: keyFingerprint(blob),
    isSuspended,
  });
  const passwordHash = await passwords.hash(new Secret('right'));
  users = new Map(
    [
      person('Alice', {
        passwordHash,
        groups: ['developers'],
        keys: [key(aliceKey.blob, false), key(oldKey.blob, true)],
      }),
      person('keyonly', { keys: [key(foreignKey.blob, false)] }),
      person('robot', { kind: 'service', passwordHash, keys: [key(aliceKey.blob, false)] }),
      person('root', { passwordHash, roles: ['admin'], keys: [key(aliceKey.blob, false)] }),
    ].map((user) => [user.username.toLowerCase(), user]),
  );
  facts = { locks: [], loginRules: [], grants: [], environmentAllowed: [], nowMs: 1_000 };
  isStateDown = false;
  const directory: UserDirectory = {
    find: (name) =>
      isStateDown
        ? Promise.reject(new Error('database is gone'))
        : Promise.resolve(users.get(name.toLowerCase())),
    findById: () => Promise.resolve(undefined),
    administrators: () =>
      Promise.resolve(
        [...users.values()].filter((user) => user.roles.includes('admin')).map((user) => user.username),
      ),
  };
  authenticator = createAuthenticator({
    users: directory,
    passwords,
    guard: createLoginGuard({ perAddress: generous, perUser: fiveFree }),
    secondFactors: {
      isAskedOf: (_, user) => Promise.resolve(user?.secondFactor.isEnrolled ?? false),
      check: (_, code) => Promise.resolve(code.expose() === '123456' ? 'right' : 'wrong'),
      forgive: () => undefined,
    },
    facts: () => Promise.resolve(facts),
  });
});

const by = (typedName: string, more: Partial<LoginAttempt> = {}): LoginAttempt => ({
  typedName,
  address: '192.0.2.1',
  port: 50_000,
  channel: 'ssh',
  ...more,
});
const signIn = (
  typedName: string,
  password: string,
  more: Partial<LoginAttempt> = {},
): Promise<LoginDecision> => authenticator.password(by(typedName, more), new Secret(password));
const outcome = (decision: LoginDecision | Challenge): string =>
  decision.verdict === 'allow' || decision.verdict === 'challenge'
    ? `${decision.verdict} ${decision.value.user.username}`
    : `${decision.verdict} ${decision.code}`;

describe('with a password', () => {
  test.each([
    ['Alice', 'right', 'allow Alice'],
    ['aLiCe', 'right', 'allow Alice'],
    ['alice', 'wrong', 'deny wrong_password'],
    ['alice', '', 'deny wrong_password'],
    ['nobody', 'right', 'deny unknown_user'],
    ['keyonly', 'right', 'deny no_password'],
    ['keyonly', '', 'deny no_password'],
    ['robot', 'right', 'deny service_user'],
    ['alice\0', 'right', 'deny unknown_user'],
    ['alice ', 'right', 'deny unknown_user'],
    ['', 'right', 'deny unknown_user'],
    ['../alice', 'right', 'deny unknown_user'],
    // KELVIN SIGN lowers to k.
    ['\u212Aeyonly', 'right', 'deny unknown_user'],
  ])('%j with %j: %s', async (name, password, expected) => {
    expect(outcome(await signIn(name, password))).toBe(expected);
  });

  test.each<[string, Partial<AccessFacts>, string]>([
    ['a lock on the user', { locks: [lock('user', 'ALICE')] }, 'deny locked'],
    ['a lock on a group', { locks: [lock('group', 'developers')] }, 'deny locked'],
    ['a lock on the address', { locks: [lock('address', '192.0.2.0/24')] }, 'deny locked'],
    ['a lock on the gateway', { locks: [lock('gateway', '*')] }, 'deny locked'],
    ['a lock on somebody else', { locks: [lock('user', 'alicia')] }, 'allow Alice'],
    [
      'blockUsers',
      { loginRules: configLoginRules({ allowUsers: [], blockUsers: ['ALICE'] }) },
      'deny login_rule',
    ],
    [
      'blockUsers of a longer name',
      { loginRules: configLoginRules({ allowUsers: [], blockUsers: ['alice2'] }) },
      'allow Alice',
    ],
    [
      'allowUsers with the user',
      { loginRules: configLoginRules({ allowUsers: ['aLICE'], blockUsers: [] }) },
      'allow Alice',
    ],
    [
      'allowUsers without the user',
      { loginRules: configLoginRules({ allowUsers: ['bob'], blockUsers: [] }) },
      'deny login_rule',
    ],
    [
      'both lists',
      { loginRules: configLoginRules({ allowUsers: ['alice'], blockUsers: ['alice'] }) },
      'deny login_rule',
    ],
  ])('%s', async (_what, more, expected) => {
    facts = { ...facts, ...more };
    expect(outcome(await signIn('alice', 'right'))).toBe(expected);
  });

  test('a refusal by policy says whether the password was right', async () => {
    facts = { ...facts, locks: [lock('user', 'alice')] };
    expect(await signIn('alice', 'right')).toMatchObject({ code: 'locked', credential: 'right' });
    expect(await signIn('alice', 'wrong')).toMatchObject({ code: 'locked', credential: 'wrong' });
  });

  test('guessing is paused per user in any spelling, the right password included', async () => {
    for (const name of ['alice', 'ALICE', 'Alice', 'aLice', 'alicE']) await signIn(name, 'guess');
    expect(outcome(await signIn('AlicE', 'right', { address: '198.51.100.9' }))).toBe('deny back_off');
  });

  test('names that are no names share one counter', async () => {
    for (const name of ['a b', 'a\0', '', '李', 'x'.repeat(300)]) await signIn(name, 'guess');
    expect(outcome(await signIn('\u001b[2J', 'guess'))).toBe('deny back_off');
    expect(outcome(await signIn('nobody', 'guess'))).toBe('deny unknown_user');
  });

  test('right passwords of a locked user count as failures too', async () => {
    facts = { ...facts, locks: [lock('user', 'alice')] };
    for (let round = 0; round < 5; round += 1) await signIn('alice', 'right');
    expect(outcome(await signIn('alice', 'right'))).toBe('deny back_off');
  });

  test('the last administrator is never paused, one of two is', async () => {
    for (let round = 0; round < 20; round += 1) await signIn('root', 'guess');
    expect(outcome(await signIn('root', 'right'))).toBe('allow root');
    users.set('second', person('second', { roles: ['admin'] }));
    for (let round = 0; round < 20; round += 1) await signIn('root', 'guess', { address: '198.51.100.9' });
    expect(outcome(await signIn('root', 'right', { address: '198.51.100.10' }))).toBe('deny back_off');
    facts = { ...facts, locks: [lock('user', 'second')] };
    expect(outcome(await signIn('root', 'right', { address: '198.51.100.10' }))).toBe('allow root');
  });

  test('on the web the same persons may sign in, service users still not', async () => {
    expect(outcome(await signIn('alice', 'right', { channel: 'web' }))).toBe('allow Alice');
    expect(outcome(await signIn('robot', 'right', { channel: 'web' }))).toBe('deny service_user');
    facts = { ...facts, loginRules: configLoginRules({ allowUsers: [], blockUsers: ['alice'] }) };
    expect(outcome(await signIn('alice', 'right', { channel: 'web' }))).toBe('deny login_rule');
  });

  test('when the state cannot be asked, nobody gets in', async () => {
    isStateDown = true;
    expect(outcome(await signIn('alice', 'right'))).toBe('fault state_unavailable');
  });
});

describe('with a second factor', () => {
  const enrol = (name: string): void => {
    const user = users.get(name);
    if (user !== undefined)
      users.set(name, { ...user, secondFactor: { isEnrolled: true, isRequired: false } });
  };
  const withCode = (password: string, code: string): Promise<LoginDecision> =>
    authenticator.password(by('alice'), new Secret(password), new Secret(code));

  test('password and code together let in, and neither alone', async () => {
    enrol('alice');
    const decision = await withCode('right', '123456');
    expect(decision).toMatchObject({ verdict: 'allow', value: { secondFactor: 'given' } });
    expect(outcome(await withCode('right', '000000'))).toBe('deny second_factor_wrong');
    expect(outcome(await withCode('wrong', '123456'))).toBe('deny wrong_password');
    expect(outcome(await signIn('alice', 'right'))).toBe('deny second_factor_missing');
  });

  test('a proved key owes a code', async () => {
    enrol('alice');
    const signed = Buffer.from('session and request');
    const signature = sign(null, signed, aliceKey.privateKey);
    const proof = await authenticator.keyProof(by('alice'), offer(aliceKey.blob), { signature, signed });
    expect(outcome(proof)).toBe('challenge Alice');
    if (proof.verdict !== 'challenge') return;
    const code = (text: string): Promise<LoginDecision> =>
      authenticator.code(by('alice'), proof.value, new Secret(text));
    expect(outcome(await code('000000'))).toBe('deny second_factor_wrong');
    expect(await code('123456')).toMatchObject({ verdict: 'allow', value: { secondFactor: 'given' } });
    facts = { ...facts, locks: [lock('user', 'alice')] };
    expect(outcome(await code('123456'))).toBe('deny locked');
  });

  test('who must have one and has none gets in, and owes it', async () => {
    const alice = users.get('alice');
    if (alice !== undefined)
      users.set('alice', { ...alice, secondFactor: { isEnrolled: false, isRequired: true } });
    expect(await signIn('alice', 'right')).toMatchObject({
      verdict: 'allow',
      value: { secondFactor: 'owed' },
    });
  });
});

describe('with a public key', () => {
  const signed = Buffer.from('session and request');
  const prove = (name: string, shown: Buffer, signer: KeyObject): Promise<LoginDecision | Challenge> =>
    authenticator.keyProof(by(name), offer(shown), { signature: sign(null, signed, signer), signed });

  test('an own key that is proved lets in, with its fingerprint', async () => {
    const decision = await prove('alice', aliceKey.blob, aliceKey.privateKey);
    expect(decision).toMatchObject({
      verdict: 'allow',
      value: { keyFingerprint: keyFingerprint(aliceKey.blob), user: { username: 'Alice' } },
    });
  });

  test('showing an own key and proving another does not', async () => {
    expect(outcome(await prove('alice', aliceKey.blob, foreignKey.privateKey))).toBe(
      'deny signature_invalid',
    );
    expect(outcome(await prove('alice', foreignKey.blob, foreignKey.privateKey))).toBe('deny key_unknown');
    expect(outcome(await prove('alice', foreignKey.blob, aliceKey.privateKey))).toBe('deny key_unknown');
  });

  test.each([
    ['nobody', 'deny unknown_user'],
    ['robot', 'deny service_user'],
    ['keyonly', 'deny key_unknown'],
    ['alice', 'allow Alice'],
  ])('an offer by %s: %s', async (name, expected) => {
    expect(outcome(await authenticator.keyOffer(by(name), offer(aliceKey.blob)))).toBe(expected);
  });

  test('an offer is refused when the proof would be', async () => {
    expect(outcome(await authenticator.keyOffer(by('alice'), offer(oldKey.blob)))).toBe('deny key_suspended');
    facts = { ...facts, locks: [lock('key', keyFingerprint(aliceKey.blob))] };
    expect(outcome(await authenticator.keyOffer(by('alice'), offer(aliceKey.blob)))).toBe('deny locked');
    facts = { ...facts, locks: [lock('user', 'alice')] };
    expect(outcome(await authenticator.keyOffer(by('alice'), offer(aliceKey.blob)))).toBe('deny locked');
  });

  test('a key named as another type is refused', async () => {
    const named = { ...offer(aliceKey.blob), algorithm: 'ssh-rsa', rsaHash: 'sha256' as const };
    expect(outcome(await authenticator.keyOffer(by('alice'), named))).toBe('deny key_not_sound');
  });

  test('guessed passwords never pause a key', async () => {
    for (let round = 0; round < 20; round += 1) await signIn('alice', 'guess');
    expect(outcome(await signIn('alice', 'right'))).toBe('deny back_off');
    expect(outcome(await prove('alice', aliceKey.blob, aliceKey.privateKey))).toBe('allow Alice');
  });
});
