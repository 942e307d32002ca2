import { describe, expect, test } from 'vitest';
import { makeEvent, type EventFields } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import { createMatcher } from './matcher.ts';
import type { MatchRecord } from './match-record.ts';
import { buildRuleSet } from './rule-set.ts';

const base = (name: string, type: string): string =>
  `title: ${name}\nname: ${name}\nlogsource: {product: portcullis}\ndetection: {s: {type: ${type}}, condition: s}\n---\n`;

/** What one event adds to the one rule that counts it. */
function recordOf(
  correlation: string,
  fields: EventFields,
  own = '',
  type: EventType = 'command.denied',
): MatchRecord | undefined {
  const text = `${base('denied', 'command.denied')}${base('failed', 'login.failed')}title: C\nname: c\ncorrelation: {timespan: 1h, ${correlation}}\nportcullis: {family: f${own}}\n`;
  const rules = buildRuleSet([{ path: 'r.yml', text }]);
  return createMatcher(rules)(makeEvent(type, 'id', 5000, fields)).find((record) => record.rule.id === 'c');
}

const count = (groupBy: string): string =>
  `type: event_count, rules: [denied], group-by: [${groupBy}], condition: {gte: 2}`;

describe('keys and entities', () => {
  test.each([
    ['user', { user: 'Alice' }, '["gateway:alice"]', 'gateway:alice'],
    ['user', { user: 'Alice', realm: 'js' }, '["js:alice"]', 'js:alice'],
    ['address', { address: '192.0.2.1' }, '["192.0.2.1"]', '@address:192.0.2.1'],
    ['address', { address: '::ffff:192.0.2.1' }, '["192.0.2.1"]', '@address:192.0.2.1'],
    ['address', { address: '2001:db8::1' }, '["2001:db8::/64"]', '@address:2001:db8::/64'],
    ['asset', { asset: 'WEB01' }, '["web01"]', '@asset:web01'],
    ['source', {}, '["gateway"]', '@source:gateway'],
    ['asset, user', { asset: 'A', user: 'B' }, '["a","gateway:b"]', 'gateway:b'],
    ['address, asset', { asset: 'A', address: '192.0.2.1' }, '["192.0.2.1","a"]', '@address:192.0.2.1'],
    ['user, account', { user: 'b', account: 'Root' }, '["gateway:b","Root"]', 'gateway:b'],
    ['user, data.n', { user: 'b', data: { n: 5 } }, '["gateway:b","5"]', 'gateway:b'],
  ] as const)('by %s: %j', (groupBy, fields, key, entity) => {
    expect(recordOf(count(groupBy), fields)).toMatchObject({
      key,
      entity,
      family: 'f',
      trusted: true,
      label: '',
      value: null,
      timeMs: 5000,
    });
  });

  test('who is named decides among several', () => {
    const fields = { asset: 'A', user: 'B' };
    expect(recordOf(count('user, asset'), fields, ', entity: asset')?.entity).toBe('@asset:a');
    expect(recordOf(count('user, asset'), fields)?.entity).toBe('gateway:b');
  });

  test.each([{}, { user: '' }, { user: 'alice', asset: '' }])('%j lacks what is grouped by', (fields) => {
    expect(recordOf(count('user, asset'), fields)).toBeUndefined();
  });

  test('what an unconfirmed source says has a key and a family of its own', () => {
    expect(recordOf(count('user'), { user: 'alice', source: 'sshd-1' })).toMatchObject({
      key: '["gateway:alice","unconfirmed"]',
      family: 'f:unconfirmed',
      entity: 'gateway:alice',
      trusted: false,
    });
  });
});

describe('labels and values', () => {
  const both = 'rules: [denied, failed], group-by: [address]';

  test('temporal correlations tell which rule matched', () => {
    const record = (type: EventType) =>
      recordOf(`type: temporal, ${both}`, { address: '192.0.2.1' }, '', type)?.label;
    expect(record('command.denied')).toBe('denied');
    expect(record('login.failed')).toBe('failed');
    expect(recordOf(`type: temporal_ordered, ${both}`, { address: '192.0.2.1' })?.label).toBe('denied');
  });

  test('counts of values tell the value, in small letters; without one nothing is counted', () => {
    const values = `type: value_count, ${both}, condition: {gte: 2, field: data.typedUser}`;
    const address = '192.0.2.1';
    expect(recordOf(values, { address, data: { typedUser: 'ROOT' } })).toMatchObject({
      label: '',
      value: 'root',
    });
    expect(recordOf(values, { address, data: { typedUser: 7 } })?.value).toBe('7');
    expect(recordOf(values, { address })).toBeUndefined();
    expect(recordOf(values, { address, data: { typedUser: ['a'] } })).toBeUndefined();
  });

  test('aliases read the field that the rule has', () => {
    const aliased = `type: temporal, ${both}, aliases: {address: {denied: data.peer, failed: address}}`;
    const fields = { address: '192.0.2.1', data: { peer: '192.0.2.9' } };
    expect(recordOf(aliased, fields)?.entity).toBe('@address:192.0.2.9');
    expect(recordOf(aliased, fields, '', 'login.failed')?.entity).toBe('@address:192.0.2.1');
  });
});
