import { describe, expect, it } from 'vitest';
import { CommandRuleInput } from '#contract/resources/command-rule.ts';
import { checkCommandRules } from '../check-rule.ts';
import { importJumpServerRules, type JumpServerImport } from './import-rules.ts';

const ALICE = '11111111-1111-4111-8111-111111111111';
const WEB01 = '22222222-2222-4222-8222-222222222222';
const DEV = '33333333-3333-4333-8333-333333333333';

const group = (fields: object = {}) => ({
  id: 'g1',
  name: 'danger',
  type: { value: 'command', label: 'Command' },
  content: 'reboot\r\nrm -rf',
  ignore_case: true,
  comment: '',
  org_id: 'o1',
  org_name: 'Default',
  ...fields,
});
const acl = (fields: object = {}) => ({
  id: 'a1',
  name: 'prod',
  priority: 30,
  is_active: true,
  action: { value: 'reject', label: 'Reject' },
  users: { type: 'all' },
  assets: { type: 'all' },
  accounts: ['@ALL'],
  command_groups: [{ id: 'g1', name: 'danger' }],
  reviewers: [],
  org_id: 'o1',
  date_created: '2024/10/01 16:00:00 +0800',
  ...fields,
});
const both = (one: object = {}, two: object = {}, more: object = {}) => ({
  command_groups: [group(two)],
  command_filter_acls: [acl(one)],
  ...more,
});

const run = (...documents: readonly unknown[]): JumpServerImport => importJumpServerRules(documents);
const rulesOf = ({ rules, errors }: JumpServerImport): readonly CommandRuleInput[] => {
  expect(errors).toEqual([]);
  return rules.map(({ rule }) => rule);
};
const texts = (list: readonly { readonly path: string; readonly message: string }[]): string =>
  list.map(({ path, message }) => `${path}: ${message}`).join('\n');

describe('filters of JumpServer 3 and 4', () => {
  it('become rules that can be stored', () => {
    const result = run(both());
    expect(rulesOf(result)).toEqual([
      {
        name: 'jumpserver-prod',
        priority: 30,
        users: ['*'],
        groups: [],
        roles: [],
        assets: ['*'],
        accounts: ['*'],
        kind: 'text',
        patterns: ['reboot', 'rm -rf'],
        verdict: 'deny',
      },
    ]);
    expect(result.warnings).toEqual([]);
    const stored = result.rules.map(({ rule }) => CommandRuleInput.parse(rule));
    expect(checkCommandRules(stored)).toEqual([]);
  });

  const page = (results: readonly unknown[]) => ({
    count: results.length,
    next: null,
    previous: null,
    results,
  });
  it.each<[string, readonly unknown[]]>([
    ['an object with both', [both()]],
    [
      'keys with hyphens, as in the paths of the API',
      [{ 'command-groups': [group()], 'command-filter-acls': [acl()] }],
    ],
    ['an object with pages', [{ command_groups: page([group()]), command_filter_acls: page([acl()]) }]],
    ['two lists', [[group()], [acl()]]],
    ['one list of everything', [[group(), acl()]]],
    ['two pages', [page([acl()]), page([group()])]],
    ['single objects', [acl(), group()]],
    ['a list without details, and the details', [[{ ...acl(), users: undefined }], acl(), group()]],
    ['groups within the filter', [[acl({ command_groups: [group()] })]]],
    ['plain values instead of labelled ones', [both({ action: 'reject' }, { type: 'command' })]],
    ['ids instead of objects', [both({ command_groups: ['g1'] })]],
  ])('are taken as %s', (_form, documents) => {
    const known = JSON.parse(JSON.stringify(documents)) as readonly unknown[];
    expect(rulesOf(run(...known))).toMatchObject([
      { name: 'jumpserver-prod', patterns: ['reboot', 'rm -rf'] },
    ]);
  });

  it('with several groups become a rule for each', () => {
    const second = group({ id: 'g2', name: 'more', type: 'regex', content: 'a+\nb' });
    const document = {
      command_groups: [group(), second],
      command_filter_acls: [acl({ command_groups: ['g1', 'g2'] })],
    };
    expect(rulesOf(run(document))).toMatchObject([
      { name: 'jumpserver-prod-danger', kind: 'text', priority: 30 },
      { name: 'jumpserver-prod-more', kind: 'regex', patterns: ['(?i)a+|b'], priority: 30 },
    ]);
  });

  it.each([
    ['reject', 'deny'],
    ['review', 'deny'],
    ['warning', 'warn'],
    ['notify_and_warn', 'warn'],
    ['accept', 'allow'],
  ])('with the action %s get the verdict %s', (action, verdict) => {
    expect(rulesOf(run(both({ action })))).toMatchObject([{ verdict }]);
  });

  it('keep the order that JumpServer asks them in', () => {
    const document = {
      command_groups: [group()],
      command_filter_acls: [
        acl({ id: 'a', name: 'a', priority: 50, action: 'accept' }),
        acl({ id: 'b', name: 'b', priority: 50, action: 'warning' }),
        acl({ id: 'c', name: 'c', priority: 50, action: 'review' }),
        acl({ id: 'd', name: 'd', priority: 2, action: 'accept' }),
      ],
    };
    expect(rulesOf(run(document)).map(({ name }) => name.at(-1))).toEqual(['d', 'c', 'b', 'a']);
  });

  it('get names that rules can have, each once', () => {
    const named = (id: string, name: string) => acl({ id, name });
    const document = {
      command_groups: [group()],
      command_filter_acls: [
        named('1', '禁止'),
        named('2', 'a b/c'),
        named('3', 'A b c'),
        named('4', 'x'.repeat(90)),
      ],
    };
    const names = rulesOf(run(document)).map(({ name }) => name);
    expect(names).toEqual([
      'jumpserver-rule',
      'jumpserver-a-b-c',
      'jumpserver-A-b-c-2',
      `jumpserver-${'x'.repeat(52)}`,
    ]);
    expect(run(document).rules[0]?.origin).toBe('ACL "禁止", group "danger"');
  });

  it('with more lines than a rule can have become several', () => {
    const content = Array.from({ length: 501 }, (_, index) => `c${index}`).join('\n');
    expect(rulesOf(run(both({}, { content }))).map(({ patterns }) => patterns.length)).toEqual([500, 1]);
  });
});

describe('whom a filter is for', () => {
  const names = {
    users: [{ id: ALICE, name: 'Alice Li', username: 'alice' }],
    assets: [{ id: WEB01, name: 'web01', address: '10.0.0.5' }],
    user_groups: [{ id: DEV, name: 'developers' }],
  };
  it.each<[object, object]>([
    [{ users: { type: 'ids', ids: [ALICE] } }, { users: ['alice'] }],
    [{ users: { type: 'ids', ids: [{ id: ALICE, name: 'Alice Li' }] } }, { users: ['alice'] }],
    [{ users: { type: 'ids', ids: [{ id: 'x', name: 'B', username: 'bob' }] } }, { users: ['bob'] }],
    [{ users: ['alice', 'bob'] }, { users: ['alice', 'bob'] }],
    [{ users: ['*'] }, { users: ['*'] }],
    [{ users: '*' }, { users: ['*'] }],
    [
      { users: { type: 'attrs', attrs: [{ name: 'username', match: 'exact', value: 'bob' }] } },
      { users: ['bob'] },
    ],
    [
      {
        users: {
          type: 'attrs',
          attrs: [
            { name: 'name', match: 'contains', value: '*' },
            { name: 'username', match: 'in', value: ['a', 'b'] },
          ],
        },
      },
      { users: ['a', 'b'] },
    ],
    [
      { users: { type: 'attrs', attrs: [{ name: 'groups', match: 'm2m', value: [DEV] }] } },
      { users: [], groups: ['developers'] },
    ],
    [{ users: { username_group: ['alice'] } }, { users: ['alice'] }],
    [{ assets: { type: 'ids', ids: [WEB01] } }, { assets: ['web01'] }],
    [
      { assets: { type: 'attrs', attrs: [{ name: 'name', match: 'in', value: ['db01'] }] } },
      { assets: ['db01'] },
    ],
    [{ accounts: ['root', 'app'] }, { accounts: ['root', 'app'] }],
    [{ accounts: ['*'] }, { accounts: ['*'] }],
  ])('%j', (selectors, expected) => {
    const result = run(both(selectors, {}, names));
    expect(rulesOf(result)).toMatchObject([expected]);
    expect(result.warnings).toEqual([]);
  });

  const unclear: readonly (readonly [object, string])[] = [
    [{ users: { type: 'ids', ids: [ALICE] } }, 'users are named by id'],
    [{ users: { type: 'ids', ids: [{ id: ALICE, name: 'Alice' }] } }, 'users are named by id'],
    [
      { users: { type: 'attrs', attrs: [{ name: 'email', match: 'contains', value: 'x' }] } },
      'users are selected by the attribute email (contains)',
    ],
    [
      {
        users: {
          type: 'attrs',
          attrs: [
            { name: 'username', match: 'exact', value: 'a' },
            { name: 'source', match: 'exact', value: 'ldap' },
          ],
        },
      },
      'several attributes',
    ],
    [{ assets: ['web 01'] }, '"web 01" cannot be a name here'],
    [
      { assets: { type: 'attrs', attrs: [{ name: 'address', match: 'ip_in', value: ['10.0.0.0/8'] }] } },
      'address',
    ],
    [{ accounts: ['@USER'] }, '"@USER" cannot be a name here'],
  ];
  it.each(unclear)(
    'is everybody for a reject where it cannot be kept, and that is said: %j',
    (selectors, why) => {
      const result = run(both(selectors));
      expect(rulesOf(result)).toMatchObject([{ users: ['*'], assets: ['*'], accounts: ['*'] }]);
      expect(texts(result.warnings)).toContain('ACL "prod", group "danger": it is for all');
      expect(texts(result.warnings)).toContain(why);
      expect(result.rules[0]?.notes).toHaveLength(1);
    },
  );

  it.each(['accept', 'warning', 'notify_and_warn'])(
    'is a mistake for %s where it cannot be kept',
    (action) => {
      for (const [selectors, why] of unclear)
        expect(texts(run(both({ action, ...selectors })).errors)).toContain(why);
    },
  );

  it('is all assets of an organisation only while there is one', () => {
    const two = (action: string) =>
      run({
        command_groups: [group()],
        command_filter_acls: [acl({ action }), acl({ id: 'a2', org_id: 'o2', action: 'reject' })],
      });
    expect(two('reject').errors).toEqual([]);
    expect(texts(two('reject').warnings)).toContain('one of several organisations');
    expect(texts(two('accept').errors)).toContain('one of several organisations');
  });
});

describe('what is left out', () => {
  it.each<[object, object, string]>([
    [{ is_active: false }, {}, 'is not active'],
    [{ command_groups: [] }, {}, 'has no command groups'],
    [{ accounts: [] }, {}, 'is for nobody'],
    [{ users: { type: 'ids', ids: [] } }, {}, 'is for nobody'],
    [{}, { content: '' }, 'matches nothing'],
    [{}, { content: '', type: 'regex' }, 'matches nothing'],
    [{}, { content: '\r\n' }, 'matches nothing'],
  ])('is said: %j %j', (one, two, why) => {
    const result = run(both(one, two));
    expect(rulesOf(result)).toEqual([]);
    expect(texts(result.warnings)).toContain(why);
  });

  it('is a group that no filter names', () => {
    const result = run({
      command_groups: [group(), group({ id: 'g2', name: 'idle' })],
      command_filter_acls: [acl()],
    });
    expect(texts(result.warnings)).toBe('command group "idle": is in no ACL, and is left out');
  });
});

describe('what is different here', () => {
  it.each<[object, object, string]>([
    [{ action: 'review' }, {}, 'nobody can be asked for a review'],
    [{ action: 'notify_and_warn' }, {}, 'the person is not asked first'],
    [{ action: 'warning', reviewers: [{ id: 'u', name: 'Bob' }] }, {}, 'reviewers are not told'],
    [{}, { ignore_case: false }, 'this becomes regex'],
    [{}, { ignore_case: undefined }, 'taken as not counting'],
    [{ action: 'accept' }, { ignore_case: undefined }, 'taken as counting'],
    [{}, { type: 'regex' }, 'does not see lines typed into other programs'],
    [{}, { type: 'regex', content: 'a\nb' }, 'JumpServer 3'],
    [{}, { content: '重启' }, 'within longer words'],
    [{ priority: 500 }, {}, 'priority 500 becomes 100'],
  ])('is said: %j %j', (one, two, why) => {
    const result = run(both(one, two));
    expect(result.errors).toEqual([]);
    expect(texts(result.warnings)).toContain(why);
  });

  it('a review tells the person why', () => {
    expect(rulesOf(run(both({ action: 'review' })))).toMatchObject([
      { verdict: 'deny', message: 'This command needs a review, which cannot be given here.' },
    ]);
  });

  it('a group where case counts becomes regex with the same words', () => {
    expect(rulesOf(run(both({}, { ignore_case: false })))).toMatchObject([
      { kind: 'regex', patterns: [String.raw`\breboot\b`, String.raw`rm\s+\-rf`] },
    ]);
  });

  it('priorities keep their order, numbered anew where the ends are not enough', () => {
    const document = (...priorities: readonly number[]) => ({
      command_groups: [group()],
      command_filter_acls: priorities.map((priority, index) =>
        acl({ id: `a${index}`, name: `a${index}`, priority }),
      ),
    });
    const given = (...priorities: readonly number[]) =>
      rulesOf(run(document(...priorities))).map(({ name, priority }) => `${name.at(-1)}=${priority}`);
    expect(given(100, 1, 50)).toEqual(['1=1', '2=50', '0=100']);
    expect(given(0, 50, 120)).toEqual(['0=1', '1=50', '2=100']);
    expect(given(200, 120, 50)).toEqual(['2=1', '1=2', '0=3']);
    const many = Array.from({ length: 101 }, (_, index) => index);
    expect(texts(run(document(...many)).errors)).toContain('more than 100 different priorities');
  });
});

describe('what would widen access', () => {
  it.each<[object, object, string]>([
    [{}, { type: 'regex', content: 'rm(?! -i)' }, 'no look-around'],
    [{ action: 'accept' }, { type: 'regex', content: '(?<=a)b' }, 'no look-around'],
    [{}, { type: 'regex', content: '(' }, 'missing closing'],
    [{ action: 'ask' }, {}, 'has the action "ask", which is not known'],
    [{ command_groups: [{ id: 'g9', name: 'gone' }] }, {}, 'the command group "gone", which was not given'],
    [{ action: 'accept' }, { content: '重启' }, 'accepts, and its patterns cannot be kept exactly'],
    [{ action: 'accept' }, { type: 'regex', content: `${'a'.repeat(600)}\n${'b'.repeat(600)}` }, 'too long'],
    [{}, { content: 'a'.repeat(2000) }, 'is longer than 1024 characters'],
    [{}, { type: 'glob' }, 'type'],
    [{ users: 7 }, {}, 'users'],
  ])('is refused: %j %j', (one, two, why) => {
    expect(texts(run(both(one, two)).errors)).toContain(why);
  });

  it('is told all at once, whatever else is fine', () => {
    const result = run({
      command_groups: [group(), group({ id: 'g2', name: 'broken', type: 'regex', content: '(?!x)' })],
      command_filter_acls: [
        acl(),
        acl({ id: 'a2', name: 'second', command_groups: ['g2'] }),
        acl({ id: 'a3', name: 'third', action: 'nonsense' }),
      ],
    });
    expect(result.rules.length).toBeGreaterThan(0);
    expect(texts(result.errors)).toMatch(/ACL "second"[^]*ACL "third"|ACL "third"[^]*ACL "second"/);
  });

  it('is a list that leaves out what only the details have', () => {
    const { id, name, priority, action } = acl();
    const result = run([{ id, name, priority, action, is_active: true }], [group()]);
    expect(texts(result.errors)).toContain(
      'command filter ACL "prod": is without users, assets, accounts, command_groups',
    );
  });

  it('is a page without the others', () => {
    const page = { count: 2, next: 'http://x/?offset=1', previous: null, results: [acl()] };
    expect(texts(run(page, [group()]).errors)).toContain('is one page of several: 2 there are, 1 are here');
    const rest = { ...page, next: null, results: [acl({ id: 'a2', name: 'second' })] };
    expect(rulesOf(run(page, rest, [group()]))).toHaveLength(2);
  });

  it('may be a list that ends where JumpServer cuts lists off', () => {
    const groups = Array.from({ length: 200 }, (_, index) => group({ id: `g${index}`, name: `n${index}` }));
    expect(texts(run({ command_groups: groups, command_filter_acls: [acl()] }).warnings)).toContain(
      'exactly 200',
    );
  });

  it.each([[null], [7], ['x'], [{}], [[7]], [[{ foo: 1 }]], [{ command_groups: 'x' }]])(
    'may be something else altogether: %j',
    (document) => {
      const { rules, errors } = run(document);
      expect(rules).toEqual([]);
      expect(errors).not.toEqual([]);
    },
  );
});

describe('filters of JumpServer 2', () => {
  const rule = (fields: object = {}) => ({
    id: 'r1',
    filter: 'f1',
    type: 'command',
    type_display: 'Command',
    priority: 40,
    content: 'reboot',
    action: 0,
    action_display: 'Deny',
    ignore_case: true,
    ...fields,
  });
  const filter = (fields: object = {}) => ({
    id: 'f1',
    name: 'ops',
    is_active: true,
    users: [],
    user_groups: [],
    nodes: [],
    assets: [],
    system_users: [{ id: 's1', name: 'root', username: 'root' }],
    rules: ['r1'],
    ...fields,
  });

  it.each([
    [0, 'deny'],
    [2, 'deny'],
    [9, 'allow'],
  ])('have the action %d for %s', (action, verdict) => {
    expect(rulesOf(run([filter()], [rule({ action })]))).toMatchObject([
      {
        name: 'jumpserver-ops-1',
        verdict,
        priority: 40,
        users: ['*'],
        accounts: ['root'],
        patterns: ['reboot'],
      },
    ]);
  });

  it('of version 1 are not taken for theirs', () => {
    expect(texts(run([filter()], [rule({ action: 1 })]).errors)).toContain('which version 2 does not have');
  });

  it('are for whoever is in any of the lists', () => {
    const lists = {
      users: [{ id: 'u', name: 'A', username: 'alice' }],
      user_groups: [{ id: 'x', name: 'dev' }],
      assets: [{ id: 'y', hostname: 'web01' }],
    };
    expect(rulesOf(run([filter({ ...lists, rules: [rule()] })]))).toMatchObject([
      { name: 'jumpserver-ops-1-users', users: ['alice'], groups: ['dev'], assets: ['*'], accounts: ['*'] },
      { name: 'jumpserver-ops-1-assets', users: ['*'], groups: [], assets: ['web01'], accounts: ['*'] },
      { name: 'jumpserver-ops-1-accounts', users: ['*'], groups: [], assets: ['*'], accounts: ['root'] },
    ]);
  });

  it('with nodes deny everywhere, and permit nowhere', () => {
    const byNode = [filter({ system_users: [], nodes: [{ id: 'n', name: '/Default' }] })];
    const denied = run(byNode, [rule()]);
    expect(rulesOf(denied)).toMatchObject([{ assets: ['*'], verdict: 'deny' }]);
    expect(texts(denied.warnings)).toContain('nodes');
    expect(texts(run(byNode, [rule({ action: 9 })]).errors)).toContain('nodes');
  });

  it('that are for nobody or not active are left out, and rules without a filter are refused', () => {
    expect(texts(run([filter({ system_users: [] })], [rule()]).warnings)).toContain('is for nobody');
    expect(texts(run([filter({ is_active: false })], [rule()]).warnings)).toContain('is not active');
    expect(texts(run([filter()], [rule({ filter: 'f2', id: 'r2' })]).errors)).toMatch(
      /has the rule r1, which was not given[^]*is in no filter that was given/,
    );
  });
});
