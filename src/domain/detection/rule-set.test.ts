import { describe, expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { createMatcher } from './matcher.ts';
import { buildRuleSet } from './rule-set.ts';

const base = `title: Base\nname: base\nlogsource: {product: portcullis, category: command}\ndetection:\n  s: {type: command.denied}\n  condition: s\n`;
const second = base.replace('title: Base', 'title: Second').replace('name: base', 'name: second');
const correlation = (body: string, own = 'entity: user'): string =>
  `${base}---\n${second}---\ntitle: C\nname: c\ncorrelation:\n${body}\nportcullis: {${own}}\n`;
const denied = makeEvent('command.denied', 'id', 1000, {
  user: 'alice',
  address: '192.0.2.1',
  asset: 'web01',
});
const build = (text: string) => buildRuleSet([{ path: 'r.yml', text }]);

describe('correlations', () => {
  test('are read with type, timespan and condition', () => {
    const rules = build(
      correlation(
        '  type: event_count\n  rules: [base]\n  group-by: [user]\n  timespan: 2h\n  condition: {gt: 2}',
      ),
    );
    expect(rules.rules.get('c')?.threshold).toEqual({
      type: 'event_count',
      atLeast: 3,
      timespanMs: 7_200_000,
    });
    expect(rules.rules.get('c')?.mode).toBe('approve');
    expect([...rules.rules.keys()].sort()).toEqual(['c', 'second']);
  });

  test('fire beside their rules when they say generate', () => {
    const rules = build(
      correlation(
        '  type: event_count\n  rules: [base]\n  group-by: [user]\n  timespan: 2h\n  condition: {gte: 2}\n  generate: true',
      ),
    );
    expect([...rules.rules.keys()].sort()).toEqual(['base', 'c', 'second']);
  });

  test('a rule that is off is known and counts nothing', () => {
    const rules = build(
      correlation(
        '  type: event_count\n  rules: [base]\n  group-by: [user]\n  timespan: 2h\n  condition: {gte: 2}',
        'mode: off',
      ),
    );
    expect(rules.rules.get('c')?.mode).toBe('off');
    const counting = (withOff: boolean) =>
      createMatcher(rules, { withOff })(denied).map((record) => record.rule.id);
    expect(counting(false)).toEqual(['second']);
    expect(counting(true)).toEqual(['c', 'second']);
  });

  test.each([
    ['30s', 30_000],
    ['1m', 60_000],
    ['36h', 129_600_000],
    ['7d', 604_800_000],
  ])('timespan %s', (timespan, timespanMs) => {
    const rules = build(
      correlation(
        `  type: event_count\n  rules: base\n  group-by: user\n  timespan: ${timespan}\n  condition: {gte: 2}`,
      ),
    );
    expect(rules.rules.get('c')?.threshold).toMatchObject({ timespanMs });
  });

  const both = '  rules: [base, second]\n  group-by: [user]\n  timespan: 1h\n';
  test.each([
    ['  type: temporal\n', 2],
    ['  type: temporal\n  condition: {gte: 2}\n', 2],
    ['  type: temporal\n  condition: {gte: 1}\n', 1],
    ['  type: temporal\n  condition: {gt: 0}\n', 1],
    ['  type: temporal\n  condition: {eq: 2}\n', 2],
  ])('%s asks for so many of the rules', (type, atLeast) => {
    const parts = [
      { label: 'base', count: null },
      { label: 'second', count: null },
    ];
    expect(build(correlation(type + both)).rules.get('c')?.threshold).toEqual({
      type: 'temporal',
      timespanMs: 3_600_000,
      parts,
      atLeast,
    });
  });

  test.each(['', '  condition: {gte: 2}\n', '  condition: {gt: 1}\n', '  condition: {eq: 2}\n'])(
    'temporal_ordered %s asks for all',
    (condition) => {
      const rules = build(correlation(`  type: temporal_ordered\n${both}${condition}`));
      expect(rules.rules.get('c')?.threshold).toMatchObject({ type: 'temporal_ordered' });
    },
  );

  const head = '  rules: [base]\n  group-by: [user]\n  timespan: 1h\n';
  test.each([
    [`${head}  type: value_sum\n  condition: {gte: 3}`, 'E_UNSUPPORTED', 'value_sum'],
    [`${head}  type: value_percentile\n  condition: {gte: 3}`, 'E_UNSUPPORTED', 'value_percentile'],
    [`${head}  type: something\n  condition: {gte: 3}`, 'E_RULE', 'no correlation type'],
    [`${head}  type: event_count\n  condition: {lt: 3}`, 'E_UNSUPPORTED', '"lt"'],
    [`${head}  type: event_count\n  condition: {gte: 3, lt: 5}`, 'E_UNSUPPORTED', 'several operators'],
    [`${head}  type: event_count\n  condition: {gte: 0}`, 'E_RULE', '1 to 100000'],
    [`${head}  type: event_count\n  condition: {gte: 1.5}`, 'E_RULE', 'whole number'],
    [`${head}  type: event_count`, 'E_RULE', 'condition'],
    [`${head}  type: value_count\n  condition: {gte: 3}`, 'E_RULE', 'condition.field'],
    [`${head}  type: temporal`, 'E_RULE', 'at least two'],
    [`${both}  type: temporal\n  condition: {gte: 3}`, 'E_RULE', 'only 2 are named'],
    [`${both}  type: temporal\n  condition: {eq: 1}`, 'E_UNSUPPORTED', '"eq"'],
    [`${both}  type: temporal\n  condition: {eq: 2, gte: 1}`, 'E_UNSUPPORTED', 'several operators'],
    [`${both}  type: temporal\n  condition: base and second`, 'E_UNSUPPORTED', 'as text'],
    [`${both}  type: temporal_ordered\n  condition: {gte: 1}`, 'E_UNSUPPORTED', 'some of its rules'],
    [`${head}  type: event_count\n  condition: {gte: 3, field: user}`, 'E_UNSUPPORTED', 'several operators'],
    [`${head}  type: event_count\n  condition: {eq: 3}`, 'E_UNSUPPORTED', '"eq"'],
    [`${head}  type: event_count\n  condition: {neq: 3}`, 'E_UNSUPPORTED', '"neq"'],
    [`${head}  type: event_count\n  condition: {lte: 3}`, 'E_UNSUPPORTED', '"lte"'],
    [`${head}  type: event_count\n  condition: {about: 3}`, 'E_RULE', 'no condition operator'],
    [`${head}  type: event_count\n  condition: {gte: 100001}`, 'E_RULE', '1 to 100000'],
    [`${head}  type: event_count\n  condition: {gte: many}`, 'E_RULE', 'whole number'],
    [
      `${head}  type: value_count\n  condition: {gte: 3, field: [user, asset]}`,
      'E_UNSUPPORTED',
      'several fields',
    ],
    [`${head}  type: value_count\n  condition: {gte: 3, field: usr}`, 'E_RULE', 'condition.field'],
    [`${head}  type: value_median\n  condition: {gte: 3}`, 'E_UNSUPPORTED', 'value_median'],
    [`${head}  type: value_avg\n  condition: {gte: 3}`, 'E_UNSUPPORTED', 'value_avg'],
    [`${head}  type: event_count\n  condition: {gte: 3}\n  window: tumbling`, 'E_UNSUPPORTED', '"window"'],
    [
      '  type: event_count\n  rules: [base]\n  group-by: [user, user]\n  timespan: 1h\n  condition: {gte: 3}',
      'E_RULE',
      '"user" twice',
    ],
    [
      '  type: event_count\n  rules: [base]\n  timespan: 1h\n  condition: {gte: 3}',
      'E_RULE',
      'must be one of the group-by',
    ],
    [
      '  type: event_count\n  rules: [base]\n  group-by: [usr]\n  timespan: 1h\n  condition: {gte: 3}',
      'E_RULE',
      'no field "usr"',
    ],
    [
      `${head}  type: event_count\n  condition: {gte: 3}\n  aliases: {who: {base: user}}`,
      'E_RULE',
      'do nothing',
    ],
    [
      '  type: event_count\n  rules: [base]\n  group-by: [user]\n  timespan: 1w\n  condition: {gte: 3}',
      'E_RULE',
      'timespan',
    ],
    [
      '  type: event_count\n  rules: [nobody]\n  group-by: [user]\n  timespan: 1h\n  condition: {gte: 3}',
      'E_RULE',
      'no rule "nobody"',
    ],
    [
      '  type: event_count\n  rules: [c]\n  group-by: [user]\n  timespan: 1h\n  condition: {gte: 3}',
      'E_UNSUPPORTED',
      'the correlation "c" as a part of another',
    ],
    [
      '  type: event_count\n  rules: [base, base]\n  group-by: [user]\n  timespan: 1h\n  condition: {gte: 3}',
      'E_RULE',
      'twice',
    ],
    [
      '  type: event_count\n  rules: [base]\n  group-by: [address]\n  timespan: 1h\n  condition: {gte: 3}',
      'E_RULE',
      'must be one of the group-by',
    ],
    [
      '  type: event_count\n  rules: [base, second]\n  group-by: [who]\n  timespan: 1h\n  condition: {gte: 3}\n  aliases: {who: {base: user, second: data.typedName}}',
      'E_RULE',
      'mixes user',
    ],
  ])('%s', (body, code, message) => {
    expect(() => build(correlation(body))).toThrow(expect.objectContaining({ code }));
    expect(() => build(correlation(body))).toThrow(message);
  });
});

describe('aliases', () => {
  const aliased = (groupBy: string, aliases: string, own = 'entity: address') =>
    correlation(
      `  type: temporal\n  rules: [base, second]\n  group-by: [${groupBy}]\n  timespan: 1h\n  aliases: ${aliases}`,
      own,
    );

  test('read another field for each rule', () => {
    const rules = build(aliased('address', '{address: {base: address, second: data.peer}}'));
    const key = rules.rules.get('c')?.key[0];
    expect(key?.slotFor('base')).toBe(rules.fields.slot('address'));
    expect(key?.slotFor('second')).toBe(rules.fields.slot('data.peer'));
    expect(key?.kind).toBe('address');
  });

  test('with the same field everywhere are that field, whatever they are called', () => {
    const rules = build(aliased('who', '{who: {base: user, second: user}}', 'entity: user'));
    expect(rules.rules.get('c')).toMatchObject({ entity: 'user', entityPart: 0 });
  });

  test.each([
    [aliased('address', '{address: {base: address}}'), 'no field for the rule "second"'],
    [aliased('address', '{address: {base: address, second: address, c: address}}'), 'not correlated'],
    [aliased('address', '{address: {base: address, second: nothing}}'), 'no field "nothing"'],
    [aliased('user', '{user: {base: data.a, second: data.b}}', 'entity: user'), 'a typed name is nobody'],
    [aliased('who', '{who: {base: data.a, second: data.a}}', 'entity: user'), 'one of the group-by'],
    [aliased('who', '{who: {base: data.a, second: data.b}}', ''), 'must say who'],
  ])('%s', (text, message) => {
    expect(() => build(text)).toThrow(message);
  });
});

describe('a temporal correlation over counts', () => {
  const many = (more = '', groupBy = 'user', type = 'event_count', condition = '{gte: 5}') =>
    `title: Many\nname: many\ncorrelation:\n  type: ${type}\n  rules: [base]\n  group-by: [${groupBy}]\n  timespan: 10m\n  condition: ${condition}\n${more}---\n`;
  const chain = (inner: string, groupBy = 'user', more = '', type = 'temporal_ordered') =>
    `${base}---\n${second}---\n${inner}title: C\nname: c\ncorrelation:\n  type: ${type}\n  rules: [many, second]\n  group-by: [${groupBy}]\n  timespan: 1h\n${more}portcullis: {entity: user}\n`;

  test('counts for a part what the counting correlation counts, which does not fire itself', () => {
    const rules = build(chain(many()));
    expect(rules.rules.get('c')?.threshold).toMatchObject({
      parts: [
        { label: 'many', count: { type: 'event_count', atLeast: 5, timespanMs: 600_000 } },
        { label: 'second', count: null },
      ],
    });
    expect([...rules.rules.keys()]).toEqual(['c']);
    expect(rules.rules.get('c')?.detections).toEqual(['base', 'second']);
    const consumers = rules.detections.flatMap((one) => one.consumers.map(({ label }) => [one.id, label]));
    expect(consumers).toEqual([
      ['base', 'many'],
      ['second', 'second'],
    ]);
  });

  test('counts values as well, and fires beside its parts when it says generate', () => {
    const inner = many('', 'user', 'value_count', '{gte: 5, field: asset}').replace(
      '---\n',
      'portcullis: {entity: user}\n---\n',
    );
    const rules = build(chain(inner, 'user', '  generate: true\n', 'temporal'));
    expect([...rules.rules.keys()].sort()).toEqual(['c', 'many', 'second']);
    expect(rules.detections[0]?.consumers.map(({ rule, valueSlot }) => [rule.id, valueSlot])).toEqual([
      ['many', rules.fields.slot('asset')],
      ['c', rules.fields.slot('asset')],
    ]);
  });

  test('groups may be called differently', () => {
    expect(() => build(chain(many(), 'who', '  aliases: {who: {many: user, second: user}}\n'))).not.toThrow();
  });

  test.each([
    [chain(many(), 'user, asset'), 'grouped by user'],
    [chain(many('', 'asset')), 'grouped by asset'],
    [chain(many('  aliases: {user: {base: user}}\n')), 'has aliases'],
    [
      chain(many('', 'user', 'temporal', '{gte: 2}').replace('[base]', '[base, second]')),
      'as a part of another',
    ],
    [chain(many(), 'user', '  condition: {gte: 2}\n', 'event_count'), 'over the correlation "many"'],
    [chain(many()).replace('rules: [base]', 'rules: [c]'), 'as a part of another'],
  ])('%s', (text, message) => {
    expect(() => build(text)).toThrow(expect.objectContaining({ code: 'E_UNSUPPORTED' }));
    expect(() => build(text)).toThrow(message);
  });
});

test('modes from outside stand above those in the files; a name that means nothing is refused', () => {
  const files = [{ path: 'r.yml', text: `${base}portcullis: {mode: auto}\n` }];
  const withModes = (...modes: readonly (readonly [string, 'off' | 'shadow'])[]) =>
    buildRuleSet(files, { modes: new Map(modes) });
  expect(withModes(['base', 'shadow']).rules.get('base')?.mode).toBe('shadow');
  expect(withModes().rules.get('base')?.mode).toBe('auto');
  expect(() => withModes(['bse', 'off'])).toThrow('there is no rule "bse"');
  const text = correlation(
    '  type: event_count\n  rules: [base]\n  group-by: [user]\n  timespan: 1h\n  condition: {gte: 3}',
  );
  expect(() => buildRuleSet([{ path: 'r.yml', text }], { modes: new Map([['base', 'off']]) })).toThrow(
    'does not fire',
  );
});

test('a rule is known by its id and by its name', () => {
  const id = '2f1a9c1e-6c1b-4a5e-9a57-0d8f4a1c7b10';
  const rules = build(base.replace('name: base', `name: base\nid: ${id}`));
  expect([...rules.names]).toEqual([
    [id, id],
    ['base', id],
  ]);
});

test.each([
  [`${base}---\n`, 1],
  [`---\n${base}---\n# nothing\n---\n${second}`, 2],
  ['', 0],
])('documents without content are no rules', (text, count) => {
  expect(build(text).rules.size).toBe(count);
});

test.each([
  ['just text', 'E_RULE', 'must be a map'],
  [`${base}taxonomy: ecs\n`, 'E_UNSUPPORTED', 'taxonomy "ecs"'],
  [`${base}correlation: {}\n`, 'E_RULE', 'cannot hold a detection and a correlation'],
  ['title: F\nfilter: {rules: any}\n', 'E_UNSUPPORTED', 'a filter document'],
  ['action: global\ntitle: G\n', 'E_UNSUPPORTED', '"action"'],
  [base.replace('category: command', 'index: x'), 'E_UNSUPPORTED', '"index" in a log source'],
  [base.replace('category: command', 'service: sshd'), 'E_UNSUPPORTED', 'service "sshd"'],
  [base.replace('category: command', 'category: process_creation'), 'E_RULE', 'no event family'],
  [base.replace('name: base\n', ''), 'E_RULE', 'needs an id'],
  [`${base}id: 5\n`, 'E_RULE', 'r.yml:7: id'],
  [`${base}date: 2026/11/22\n`, 'E_RULE', 'must be a date'],
  [`${base}level: hot\n`, 'E_RULE', 'level'],
  [`${base}status: new\n`, 'E_RULE', 'status'],
  [`${base}tags: [Attack]\n`, 'E_RULE', 'must be a tag'],
  [`${base}related: [{id: 5, type: derived}]\n`, 'E_RULE', 'related.0.id'],
])('%s is refused', (text, code, message) => {
  expect(() => build(text)).toThrow(expect.objectContaining({ code }));
  expect(() => build(text)).toThrow(message);
});

test.each([
  ['informational', 'info'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['critical', 'critical'],
  [undefined, 'medium'],
])('level %s is severity %s', (level, severity) => {
  const rules = build(level === undefined ? base : `${base}level: ${level}\n`);
  expect(rules.rules.get('base')?.severity).toBe(severity);
});

test('two rules with one name are refused, and where the other stands is said', () => {
  expect(() => build(`${base}---\n${base}`)).toThrow('"base" already names the rule at r.yml:1');
});

test('a rule that only feeds a correlation cannot have a response of its own', () => {
  const text = correlation(
    '  type: event_count\n  rules: [base]\n  group-by: [user]\n  timespan: 1h\n  condition: {gte: 3}',
  ).replace('name: base\n', 'name: base\nportcullis: {mode: auto}\n');
  expect(() => build(text)).toThrow('does not fire');
});

test('a log source that never comes is refused, not ignored', () => {
  expect(() => build(base.replace('product: portcullis', 'product: windows'))).toThrow(
    expect.objectContaining({ code: 'E_UNSUPPORTED' }),
  );
});

test('unknown keys of Sigma are kept; unknown keys of ours are mistakes', () => {
  const rules = build(`${base}status: test\nfalsepositives: none\nsimulation: [{type: x}]\nowner: me\n`);
  expect(rules.rules.get('base')?.attributes).toEqual({
    known: { status: 'test', falsepositives: ['none'] },
    custom: { simulation: [{ type: 'x' }], owner: 'me' },
  });
  expect(rules.detections[0]?.attributes).toEqual(rules.rules.get('base')?.attributes);
  expect(() => build(`${base}portcullis: {modus: auto}\n`)).toThrow('portcullis');
});

test('rules of one family are about one kind of entity', () => {
  const other = base.replace('name: base', 'name: other') + 'portcullis: {family: f, entity: address}\n';
  expect(() => build(`${base}portcullis: {family: f}\n---\n${other}`)).toThrow('family "f" is about user');
});
