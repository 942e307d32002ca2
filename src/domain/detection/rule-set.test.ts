import { describe, expect, test } from 'vitest';
import { buildRuleSet } from './rule-set.ts';

const base = `title: Base\nname: base\nlogsource: {product: portcullis, category: command}\ndetection:\n  s: {type: command.denied}\n  condition: s\n`;
const second = base.replace('title: Base', 'title: Second').replace('name: base', 'name: second');
const correlation = (body: string, own = 'entity: user'): string =>
  `${base}---\n${second}---\ntitle: C\nname: c\ncorrelation:\n${body}\nportcullis: {${own}}\n`;
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
    expect(rules.detections.find((one) => one.id === 'base')?.consumers).toEqual([]);
  });

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
      'correlation of the correlation',
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
  expect(() => build(`${base}simulation: []\n`)).not.toThrow();
  expect(() => build(`${base}portcullis: {modus: auto}\n`)).toThrow('portcullis');
});

test('rules of one family are about one kind of entity', () => {
  const other = base.replace('name: base', 'name: other') + 'portcullis: {family: f, entity: address}\n';
  expect(() => build(`${base}portcullis: {family: f}\n---\n${other}`)).toThrow('family "f" is about user');
});
