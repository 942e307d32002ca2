import { expect, test } from 'vitest';
import { makeEvent, type EventFields } from '#contract/event.ts';
import { describeThreshold, nameOfRule } from './describe-threshold.ts';
import { describeItem, explainDetection, firstMismatch } from './explain.ts';
import { buildRuleSet } from './rule-set.ts';

const TEXT = `title: Odd
name: odd
id: 2f1a9c1e-6c1b-4a5e-9a57-0d8f4a1c7b10
logsource: {product: portcullis, category: command}
detection:
  denied: {type: command.denied, 'command|contains|all': [su, root]}
  words: [nowhere, {asset: web01}]
  condition: denied and words
---
title: Twice
name: twice
correlation: {type: event_count, rules: [odd], group-by: [user, asset], timespan: 1h, condition: {gte: 2}}
`;
const rules = buildRuleSet([{ path: 'r.yml', text: TEXT }]);
function explain(fields: EventFields, type: 'command.denied' | 'login.failed' = 'command.denied') {
  const [detection] = rules.detections;
  if (detection === undefined) throw new Error('no detection');
  return explainDetection(detection, makeEvent(type, 'id', 1000, fields), rules);
}

test('a match is explained item by item, with the record it makes', () => {
  const explanation = explain({ user: 'Alice', asset: 'WEB01', command: 'su root' });
  expect(explanation).toEqual({
    id: '2f1a9c1e-6c1b-4a5e-9a57-0d8f4a1c7b10',
    title: 'Odd',
    matched: true,
    logsource: { name: 'category: command, product: portcullis', matched: true },
    selections: [
      {
        name: 'denied',
        matched: true,
        detail: {
          needs: 'all',
          matched: true,
          items: [
            { key: 'type', wanted: 'command.denied', actual: 'command.denied', matched: true },
            { key: 'command|contains|all', wanted: ['su', 'root'], actual: 'su root', matched: true },
          ],
        },
      },
      {
        name: 'words',
        matched: true,
        detail: {
          needs: 'any',
          matched: true,
          items: [
            { key: '', wanted: 'nowhere', actual: null, matched: false },
            {
              needs: 'all',
              matched: true,
              items: [{ key: 'asset', wanted: 'web01', actual: 'WEB01', matched: true }],
            },
          ],
        },
      },
    ],
    conditions: [{ name: 'denied and words', matched: true }],
    records: [
      {
        rule: 'twice',
        key: '["gateway:alice","web01"]',
        entity: 'gateway:alice',
        label: '',
        value: null,
        timeMs: 1000,
        trusted: true,
      },
    ],
  });
  expect(firstMismatch(explanation)).toBeUndefined();
});

test('what matches and counts for nothing says why', () => {
  expect(explain({ asset: 'web01', command: 'su root' }).records).toEqual([
    { rule: 'twice', reason: 'it has no user, by which the rule groups' },
  ]);
  const late = { user: 'a', asset: 'web01', command: 'su root', seen: 86_401_001 };
  expect(explain(late).records).toEqual([{ rule: 'twice', reason: 'it came too late to count' }]);
});

test.each([
  [explain({}, 'login.failed'), 'log source category: command, product: portcullis does not fit'],
  [explain({ command: 'su' }), 'denied: command|contains|all: ["su","root"], but it is "su"'],
  [explain({}), 'denied: command|contains|all: ["su","root"], but it is nothing'],
  [explain({ command: 'su root' }), 'words: "nowhere" is not in it'],
])('the first mismatch is told', (explanation, text) => {
  expect(explanation.matched).toBe(false);
  expect(explanation.records).toEqual([]);
  expect(firstMismatch(explanation)).toBe(text);
});

test('when only the condition fails, the condition is told', () => {
  const text = TEXT.replace('denied and words', 'denied and not words');
  const other = buildRuleSet([{ path: 'r.yml', text }]);
  const [detection] = other.detections;
  if (detection === undefined) throw new Error('no detection');
  const event = makeEvent('command.denied', 'id', 1, { asset: 'web01', command: 'su root' });
  expect(firstMismatch(explainDetection(detection, event, other))).toBe(
    'condition denied and not words is not met',
  );
});

test.each([
  [{ key: 'a', wanted: 1, actual: 1, matched: true }, 'a: 1, and it is 1'],
  [{ key: 'a|cased', wanted: 'x', actual: null, matched: false }, 'a|cased: "x", but it is nothing'],
  [{ key: '|all', wanted: ['x', 'y'], actual: null, matched: true }, '|all: ["x","y"] is in it'],
])('%o reads %s', (item, text) => {
  expect(describeItem(item)).toBe(text);
});

test('thresholds in words', () => {
  const rule = (name: string, correlation: string) =>
    `title: ${name}\nname: ${name}\ncorrelation: {${correlation}, group-by: [user], timespan: 10m}\n---\n`;
  const set = buildRuleSet([
    {
      path: 'r.yml',
      text:
        rule('count', 'type: event_count, rules: [odd], condition: {gt: 2}') +
        rule('values', 'type: value_count, rules: [odd], condition: {gte: 4, field: data.x}') +
        rule('inner', 'type: event_count, rules: [odd], condition: {gte: 5}') +
        rule('ordered', 'type: temporal_ordered, rules: [inner, other]') +
        rule('any', 'type: temporal, rules: [odd, other], condition: {gte: 1}') +
        rule('both', 'type: temporal, rules: [odd, other]') +
        TEXT.replace(
          '---',
          `---\ntitle: Other\nname: other\nlogsource: {product: portcullis}\ndetection: {s: {type: login.failed}, condition: s}\n---\ntitle: Alone\nname: alone\nlogsource: {product: portcullis}\ndetection: {s: {type: login.failed}, condition: s}\n---`,
        ),
    },
  ]);
  const words = Object.fromEntries(
    [...set.rules.values()].map((one) => [one.name, describeThreshold(one.threshold, set)]),
  );
  expect(words).toEqual({
    count: '3 events within 10m',
    values: '4 values of data.x within 10m',
    ordered: 'inner (5 events within 10m), then other, within 10m',
    any: '1 of odd, other within 10m, in any order',
    both: 'all of odd, other within 10m, in any order',
    twice: '2 events within 1h',
    alone: 'each match',
  });
  expect(nameOfRule('nobody', set)).toBe('nobody');
});
