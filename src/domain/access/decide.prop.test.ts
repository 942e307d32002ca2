import { BlockList, isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GrantInput } from '#contract/resources/grant.ts';
import { LOCK_TARGETS, type Lock } from '#contract/resources/lock.ts';
import type { LoginRuleInput } from '#contract/resources/login-rule.ts';
import { decide, type AccessFacts, type AccessKind, type AccessRequest } from './decide.ts';
import { accessibleTargets } from './targets.ts';

// Small alphabets, so that random facts and requests meet often.
const user = fc.constantFrom('alice', 'bob', 'Alice', 'BOB');
const group = fc.constantFrom('dev', 'ops', 'Dev');
const asset = fc.constantFrom('web01', 'db01', 'WEB01');
const account = fc.constantFrom('root', 'app');
const address = fc.constantFrom('10.0.0.1', '10.0.1.1', '::ffff:10.0.0.1', '2001:db8::1');
const range = fc.constantFrom('10.0.0.0/24', '10.0.0.0/8', '10.0.0.1', '2001:db8::/64', '192.0.2.0/24');
const star = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | '*'> => fc.oneof(one, fc.constant('*' as const));
const some = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(one, { maxLength: 2 });

const lockTargets: Readonly<Record<Lock['targetKind'], fc.Arbitrary<string>>> = {
  user,
  group,
  asset,
  account: fc.tuple(account, asset).map((pair) => pair.join('@')),
  address: range,
  key: fc.constantFrom('SHA256:a', 'SHA256:b'),
  session: fc.constantFrom('s1', 's2'),
  gateway: fc.constant('*'),
  'foreign-user': fc.constantFrom('jumpserver-1:alice', 'alice'),
};
const lock: fc.Arbitrary<Lock> = fc.constantFrom(...LOCK_TARGETS).chain((targetKind) =>
  fc.record({
    id: fc.constant('00000000-0000-7000-8000-000000000001'),
    targetKind: fc.constant(targetKind),
    target: lockTargets[targetKind],
    mode: fc.constantFrom('deny', 'freeze', 'cut'),
    reason: fc.constant(''),
    owner: fc.constant(''),
    offenseId: fc.constant(null),
    createdAt: fc.constant(0),
    expiresAt: fc.constantFrom(null, 99, 100, 101),
  }),
);
const loginRule: fc.Arbitrary<LoginRuleInput> = fc.record({
  name: fc.constant('r'),
  priority: fc.integer({ min: 1, max: 3 }),
  users: some(star(user)),
  groups: some(star(group)),
  addresses: some(range),
  action: fc.constantFrom('block', 'allow'),
});
const grant: fc.Arbitrary<GrantInput> = fc.record({
  name: fc.constantFrom('g1', 'g2', 'g3'),
  users: some(star(user)),
  groups: some(star(group)),
  assets: some(star(asset)),
  accounts: some(star(account)),
  actions: some(fc.constantFrom('shell', 'exec', 'sftp')),
  mode: fc.constantFrom('observe', 'guard', 'strict'),
  secondFactor: fc.constantFrom(false, false, true),
});
const facts: fc.Arbitrary<AccessFacts> = fc.record({
  locks: fc.array(lock, { maxLength: 2 }),
  loginRules: some(loginRule),
  grants: fc.array(grant, { maxLength: 4 }),
  environmentAllowed: some(fc.constantFrom('LANG', 'LC_*', '*')),
  nowMs: fc.constant(100),
});
const subject: fc.Arbitrary<AccessRequest['subject']> = fc.record({
  username: user,
  groups: some(group),
  kind: fc.constantFrom('person', 'person', 'service'),
  address,
  keyFingerprint: fc.constantFrom(null, 'SHA256:a'),
  secondFactor: fc.constantFrom('given', 'none', 'owed'),
});
const request: fc.Arbitrary<AccessRequest> = fc.record({
  kind: fc.constantFrom<AccessKind>('login', 'api', 'shell', 'exec', 'env', 'sftp', 'x11', 'subsystem'),
  subject,
  asset: fc.option(asset),
  account: fc.option(account),
  session: fc.constantFrom(null, 's1'),
  name: fc.constantFrom(null, 'LANG', 'LC_ALL', 'LD_PRELOAD'),
});

/** The same policy told a second time, naively, over sets and Node's own address lists. */
function oracle(asked: AccessRequest, known: AccessFacts): string {
  const who = asked.subject;
  const lower = (text: string): string => text.toLowerCase();
  const has = (list: readonly string[], wanted: string): boolean =>
    new Set(list.map(lower)).has('*') || new Set(list.map(lower)).has(lower(wanted));
  const person = (list: { users: readonly string[]; groups: readonly string[] }): boolean =>
    has(list.users, who.username) || who.groups.some((one) => has(list.groups, one));
  const within = (text: string): boolean => {
    const list = new BlockList();
    const [base = '', bits] = text.split('/');
    const family = isIP(base) === 4 ? 'ipv4' : 'ipv6';
    list.addSubnet(base, Number(bits ?? (family === 'ipv4' ? 32 : 128)), family);
    const own = who.address.replace('::ffff:', '');
    return list.check(own, isIP(own) === 4 ? 'ipv4' : 'ipv6');
  };
  const locked = known.locks.some((one) => {
    if (one.expiresAt !== null && one.expiresAt <= known.nowMs) return false;
    const names: Record<Lock['targetKind'], readonly (string | null)[]> = {
      user: [who.username],
      group: who.groups,
      asset: [asked.asset],
      account: [asked.asset === null || asked.account === null ? null : `${asked.account}@${asked.asset}`],
      address: [one.targetKind === 'address' && within(one.target) ? one.target : null],
      key: [who.keyFingerprint],
      session: [asked.session],
      gateway: [asked.kind === 'api' ? null : '*'],
      'foreign-user': [],
    };
    return names[one.targetKind].some((name) => name !== null && lower(name) === lower(one.target));
  });
  if (locked) return 'locked';
  const matching = known.loginRules.filter(
    (one) => person(one) && (one.addresses.length === 0 || one.addresses.some(within)),
  );
  if (matching.some((one) => one.action === 'block')) return 'login_rule';
  const restricted = known.loginRules.some((one) => one.action === 'allow');
  if (restricted && matching.length === 0) return 'login_rule';
  if (who.kind === 'service' && asked.kind !== 'api') return 'service_user';
  if (asked.kind === 'login' || asked.kind === 'api') return 'allow null';
  if (asked.kind === 'env') {
    const { name } = asked;
    const safe = name === 'LANG' || name === 'LC_ALL';
    const listed =
      known.environmentAllowed.includes('*') ||
      (name === 'LANG' && known.environmentAllowed.includes('LANG')) ||
      (name === 'LC_ALL' && known.environmentAllowed.includes('LC_*'));
    return safe && listed ? 'allow null' : 'environment_not_allowed';
  }
  if (asked.kind !== 'shell' && asked.kind !== 'exec') return 'not_supported';
  const { kind } = asked;
  if (asked.asset === null || asked.account === null) return 'no_grant';
  const target = { asset: asked.asset, account: asked.account };
  const near = known.grants.filter(
    (one) => person(one) && has(one.assets, target.asset) && has(one.accounts, target.account),
  );
  if (near.length === 0) return 'no_grant';
  for (const mode of ['strict', 'guard', 'observe'] as const) {
    if (mode === 'strict' && kind === 'shell') continue;
    const found = near.find(
      (one) =>
        one.mode === mode &&
        one.actions.includes(kind) &&
        (who.secondFactor === 'given' || !one.secondFactor),
    );
    if (found === undefined) continue;
    return who.secondFactor === 'owed' ? 'second_factor_required' : `allow ${found.name} ${mode}`;
  }
  const forbidding = (one: GrantInput): boolean => one.mode === 'strict' && kind === 'shell';
  if (near.some((one) => one.secondFactor && one.actions.includes(kind) && !forbidding(one)))
    return 'second_factor_required';
  return 'action_not_granted';
}

function answer(asked: AccessRequest, known: AccessFacts): string {
  const decision = decide(asked, known);
  if (decision.verdict !== 'allow') return decision.code;
  const { grant: name, mode } = decision.value;
  return name === null ? 'allow null' : `allow ${name} ${mode}`;
}

describe('decide', () => {
  it('agrees with a naive reading of the same policy', () => {
    fc.assert(
      fc.property(request, facts, (asked, known) => {
        expect(answer(asked, known)).toBe(oracle(asked, known));
      }),
      { numRuns: 3000 },
    );
  });

  it('never allows more when a lock or a block rule is added', () => {
    fc.assert(
      fc.property(request, facts, lock, loginRule, (asked, known, another, rule) => {
        if (decide(asked, known).verdict === 'allow') return;
        const blocked: LoginRuleInput = { ...rule, action: 'block' };
        const tighter = {
          ...known,
          locks: [...known.locks, another],
          loginRules: [...known.loginRules, blocked],
        };
        expect(decide(asked, tighter).verdict).not.toBe('allow');
      }),
    );
  });

  it('offers in the menu exactly what it would open', () => {
    const inventory = [
      { name: 'web01', accounts: ['root', 'app'] },
      { name: 'db01', accounts: ['app'] },
      { name: 'empty', accounts: [] },
    ];
    fc.assert(
      fc.property(subject, facts, (who, known) => {
        const offered = accessibleTargets(who, known, inventory).flatMap((one) =>
          one.accounts.map((entry) => `${entry.account}@${one.asset} ${entry.grant} ${entry.mode}`),
        );
        const expected = inventory.flatMap((one) =>
          one.accounts.flatMap((name) => {
            const asked = { kind: 'shell', subject: who, asset: one.name, account: name } as const;
            const told = oracle({ ...asked, session: null, name: null }, known);
            return told.startsWith('allow ') ? [`${name}@${one.name} ${told.slice(6)}`] : [];
          }),
        );
        expect(offered).toEqual(expected);
      }),
    );
  });
});
