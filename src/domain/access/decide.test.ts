import { describe, expect, it } from 'vitest';
import type { GrantInput } from '#contract/resources/grant.ts';
import { LOCK_TARGETS, type Lock, type LockTargetKind } from '#contract/resources/lock.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import {
  decide,
  type AccessFacts,
  type AccessKind,
  type AccessRequest,
  type DenyCode,
  type Subject,
} from './decide.ts';

const NOW = 1_700_000_000_000;

/** Written out once more, so that a kind cannot be moved to another class without this table moving too. */
const EXPECTED = {
  login: 'identity',
  api: 'identity',
  shell: 'grant',
  exec: 'grant',
  subsystem: 'nothing',
  sftp: 'nothing',
  scp: 'nothing',
  'forward-local': 'nothing',
  'forward-remote': 'nothing',
  'forward-unix': 'nothing',
  agent: 'nothing',
  x11: 'nothing',
  env: 'environment',
} as const satisfies Readonly<Record<AccessKind, string>>;
const KINDS = Object.keys(EXPECTED) as readonly AccessKind[];

const alice: Subject = {
  username: 'alice',
  groups: ['developers'],
  kind: 'person',
  address: '10.1.2.3',
  keyFingerprint: 'SHA256:abc',
  secondFactor: 'none',
};

const everything: GrantInput = {
  name: 'all',
  users: ['*'],
  groups: [],
  assets: ['*'],
  accounts: ['*'],
  actions: ['shell', 'exec', 'sftp', 'scp', 'tunnel'],
  mode: 'guard',
  secondFactor: false,
};

const open: AccessFacts = {
  locks: [],
  loginRules: [],
  grants: [everything],
  environmentAllowed: ['LANG', 'LC_*'],
  nowMs: NOW,
};

const lock = (targetKind: LockTargetKind, target: string, expiresAt: number | null = null): Lock => ({
  id: '00000000-0000-7000-8000-000000000001',
  targetKind,
  target,
  mode: 'deny',
  reason: '',
  owner: 'test',
  offenseId: null,
  createdAt: 0,
  expiresAt,
});

const rule = (fields: Partial<LoginRuleInput>): LoginRuleInput => ({
  name: 'r',
  priority: 50,
  users: ['*'],
  groups: [],
  addresses: [],
  action: 'block',
  ...fields,
});

const request = (kind: AccessKind, fields: Partial<AccessRequest> = {}): AccessRequest => ({
  kind,
  subject: alice,
  asset: 'web01',
  account: 'root',
  session: 's-1',
  name: kind === 'env' ? 'LANG' : kind === 'subsystem' ? 'sftp' : null,
  ...fields,
});

const outcome = (kind: AccessKind, facts: AccessFacts, fields: Partial<AccessRequest> = {}): string => {
  const decision = decide(request(kind, fields), facts);
  return decision.verdict === 'deny' ? decision.code : decision.verdict;
};

describe('every kind of access', () => {
  const whenOpen = (kind: AccessKind): 'allow' | DenyCode =>
    EXPECTED[kind] === 'nothing' ? 'not_supported' : 'allow';

  it.each(KINDS)('%s: only what is supported is allowed when all policy is open', (kind) => {
    expect(outcome(kind, open)).toBe(whenOpen(kind));
  });

  it.each(KINDS)('%s: nothing that needs a grant is allowed without facts', (kind) => {
    const empty: AccessFacts = { ...open, grants: [], environmentAllowed: [] };
    const expected = {
      identity: 'allow',
      grant: 'no_grant',
      environment: 'environment_not_allowed',
      nothing: 'not_supported',
    }[EXPECTED[kind]];
    expect(outcome(kind, empty)).toBe(expected);
  });

  it.each(KINDS)('%s: a block rule refuses it', (kind) => {
    expect(outcome(kind, { ...open, loginRules: [rule({ users: ['ALICE'] })] })).toBe('login_rule');
  });

  it.each(KINDS)('%s: service users have the API and nothing else', (kind) => {
    expect(outcome(kind, open, { subject: { ...alice, kind: 'service' } })).toBe(
      kind === 'api' ? 'allow' : 'service_user',
    );
  });

  const hits: Readonly<Record<LockTargetKind, string>> = {
    user: 'Alice',
    group: 'Developers',
    asset: 'WEB01',
    account: 'root@web01',
    address: '10.1.0.0/16',
    key: 'SHA256:abc',
    session: 's-1',
    gateway: '*',
    'foreign-user': 'jumpserver-1:alice',
  };
  const matrix = KINDS.flatMap((kind) => LOCK_TARGETS.map((target) => [kind, target] as const));
  it.each(matrix)('%s: a lock on the %s refuses it, if it is about us', (kind, target) => {
    const locked = { ...open, locks: [lock(target, hits[target])] };
    // A lock on somebody of another realm is nothing to whoever has the name here.
    const spares = target === 'foreign-user' ? whenOpen(kind) : 'locked';
    const expected = kind === 'api' && target === 'gateway' ? 'allow' : spares;
    expect(outcome(kind, locked)).toBe(expected);
  });

  it.each(matrix)('%s: an expired or foreign lock on the %s changes nothing', (kind, target) => {
    const expired = { ...open, locks: [lock(target, hits[target], NOW)] };
    expect(outcome(kind, expired)).toBe(whenOpen(kind));
    if (target === 'gateway') return;
    const foreign = { ...open, locks: [lock(target, 'somebody-else')] };
    expect(outcome(kind, foreign)).toBe(whenOpen(kind));
  });
});

describe('grants', () => {
  const grant = (fields: Partial<GrantInput>): GrantInput => ({ ...everything, ...fields });
  const ask = (kind: AccessKind, ...grants: readonly GrantInput[]): unknown =>
    decide(request(kind), { ...open, grants });

  it('permit by user or by group, exact and without regard to case', () => {
    expect(ask('shell', grant({ users: ['ALICE'] }))).toMatchObject({ verdict: 'allow' });
    expect(ask('shell', grant({ users: [], groups: ['Developers'] }))).toMatchObject({ verdict: 'allow' });
    expect(ask('shell', grant({ users: ['alic'] }))).toMatchObject({ code: 'no_grant' });
    expect(ask('shell', grant({ users: [], groups: ['developer'] }))).toMatchObject({ code: 'no_grant' });
    expect(ask('shell', grant({ assets: ['web0'] }))).toMatchObject({ code: 'no_grant' });
    expect(ask('shell', grant({ accounts: ['roo'] }))).toMatchObject({ code: 'no_grant' });
  });

  it('permit the actions they list', () => {
    expect(ask('exec', grant({ actions: ['shell'] }))).toMatchObject({ code: 'action_not_granted' });
    expect(ask('exec', grant({ actions: ['shell'] }), grant({ actions: ['exec'] }))).toMatchObject({
      verdict: 'allow',
    });
  });

  it('watch as the strictest one says', () => {
    const observe = grant({ name: 'loose', mode: 'observe' });
    const strict = grant({ name: 'tight', mode: 'strict' });
    expect(ask('exec', observe, strict)).toMatchObject({ value: { grant: 'tight', mode: 'strict' } });
    expect(ask('exec', strict, observe)).toMatchObject({ value: { grant: 'tight', mode: 'strict' } });
    expect(ask('shell', observe)).toMatchObject({ value: { grant: 'loose', mode: 'observe' } });
  });

  it('open no shell when they are strict', () => {
    expect(ask('shell', grant({ mode: 'strict' }))).toMatchObject({ code: 'action_not_granted' });
  });

  it('need a target', () => {
    expect(outcome('shell', open, { asset: null })).toBe('no_grant');
    expect(outcome('exec', open, { account: null })).toBe('no_grant');
  });
});

describe('login rules', () => {
  const judge = (rules: readonly LoginRuleInput[], fields: Partial<Subject> = {}): string =>
    outcome('login', { ...open, loginRules: rules }, { subject: { ...alice, ...fields } });

  it('let a block win over an allow, whatever the priorities', () => {
    const allowFirst = rule({ action: 'allow', users: ['alice'], priority: 1 });
    expect(judge([allowFirst, rule({ priority: 100 })])).toBe('login_rule');
    expect(judge([allowFirst])).toBe('allow');
  });

  it('close the door to all others once an allow rule exists', () => {
    expect(judge([rule({ action: 'allow', users: ['bob'] })])).toBe('login_rule');
    expect(judge([rule({ action: 'allow', users: [], groups: ['developers'] })])).toBe('allow');
  });

  it('match names whole', () => {
    expect(judge([rule({ users: ['ali', 'alice2', 'lice'] })])).toBe('allow');
  });

  it('match addresses in every spelling', () => {
    const rules = [rule({ addresses: ['10.0.0.0/8', '2001:db8::/32'] })];
    expect(judge(rules)).toBe('login_rule');
    expect(judge(rules, { address: '::ffff:10.9.9.9' })).toBe('login_rule');
    expect(judge(rules, { address: '2001:0DB8::7' })).toBe('login_rule');
    expect(judge(rules, { address: '192.0.2.1' })).toBe('allow');
  });

  it('fail closed on an address nobody can read', () => {
    expect(judge([rule({ addresses: ['10.0.0.0/8'] })], { address: 'unix:' })).toBe('login_rule');
    const allowed = rule({ action: 'allow', addresses: ['0.0.0.0/0', '::/0'] });
    expect(judge([allowed], { address: 'unix:' })).toBe('login_rule');
  });
});

describe('environment', () => {
  const ask = (name: string, allowed: readonly string[]): string =>
    outcome('env', { ...open, environmentAllowed: allowed }, { name });

  it('takes exact names and prefixes', () => {
    expect(ask('LC_ALL', ['LC_*'])).toBe('allow');
    expect(ask('LC_ALL', ['LC_'])).toBe('environment_not_allowed');
    expect(ask('lang', ['LANG'])).toBe('environment_not_allowed');
  });

  it('never lets a wildcard cover what runs code', () => {
    for (const name of ['LD_PRELOAD', 'BASH_ENV', 'PROMPT_COMMAND', 'PS1', 'BASH_FUNC_ls'])
      expect(ask(name, ['*'])).toBe('environment_not_allowed');
    expect(ask('EDITOR', ['EDITOR'])).toBe('allow');
  });

  it.each(['', '1A', 'A B', 'A=B', 'BASH_FUNC_ls%%', 'A\n', 'É'])('refuses the name %j', (name) => {
    expect(ask(name, ['*', name])).toBe('environment_not_allowed');
  });
});
