import { describe, expect, test } from 'vitest';
import { buildRuleSet } from '../detection/rule-set.ts';
import { runRuleTests } from './rule-tests.ts';

const DETECTION = `title: Refused
name: refused
logsource: {product: portcullis, category: command}
detection:
  s: {type: command.denied, 'command|contains': su}
  condition: s
---
`;
const rule = (tests: string, own = 'mode: auto'): string =>
  `${DETECTION}title: Twice
name: twice
correlation: {type: event_count, rules: [refused], group-by: [user], timespan: 1h, condition: {gte: 2}}
portcullis:
  ${own}
  entity: user
  tests:
${tests}`;

function run(text: string) {
  const rules = buildRuleSet([{ path: 'r.yml', text }]);
  return [...rules.rules.values()].flatMap((one) => runRuleTests(rules, one));
}

const steps = (fires: string, ...lines: readonly string[]): string =>
  `    - name: t\n      steps:\n${lines.map((line) => `        - {${line}}\n`).join('')}      fires: ${fires}\n`;

test('a test that passes has nothing to tell', () => {
  const text = rule(
    steps(
      "['gateway:alice', {entity: 'gateway:alice', episode: 2}]",
      'at: 0s, type: command.denied, user: alice, command: su',
      'at: 1h, type: command.denied, user: alice, command: su',
      "at: 1h, close: 'gateway:alice'",
      'at: 2h, type: command.denied, user: alice, command: su',
      'at: 2h, type: command.denied, user: alice, command: su',
    ),
  );
  expect(run(text)).toMatchObject([
    { test: 't', passed: true, expected: ['gateway:alice#1', 'gateway:alice#2'], story: [] },
  ]);
});

test('a rule that is off is tested all the same', () => {
  const one = 'at: 0s, type: command.denied, user: alice, command: su';
  expect(run(rule(steps("['gateway:alice']", one, one), 'mode: off'))).toMatchObject([{ passed: true }]);
});

test('a test that fails tells what became of each step', () => {
  const text = rule(
    steps(
      '[]',
      'at: 0s, type: command.denied, user: alice, command: ls',
      'at: 1s, type: command.warned, user: alice, command: su',
      'at: 2s, type: login.failed',
      'at: 3s, type: command.denied, command: su',
      'at: 4s, type: command.denied, user: alice, command: su, seen: 25h',
      'at: 5s, type: command.denied, user: alice, command: su',
      'at: 6s, type: command.denied, user: alice, command: su',
      'at: 7s, type: command.denied, user: alice, command: su',
      "at: 8s, close: 'gateway:alice'",
    ),
  );
  const [result] = run(text);
  expect(result).toMatchObject({ passed: false, expected: [], fired: ['gateway:alice#1'] });
  expect(result?.story).toEqual([
    '0s command.denied: not counted: refused: s: command|contains: "su", but it is "ls"',
    '1s command.warned: not counted: refused: s: type: "command.denied", but it is "command.warned"',
    '2s login.failed: not counted: refused: log source category: command, product: portcullis does not fit',
    '3s command.denied: not counted: refused: it has no user, by which the rule groups',
    '4s command.denied: not counted: refused: it came too late to count',
    '5s command.denied: counted for ["gateway:alice"], beside 0 before it (wanted: 2 events within 1h)',
    '6s command.denied: fired for gateway:alice, episode 1 (wanted: 2 events within 1h)',
    '7s command.denied: belongs to episode 1 of gateway:alice (wanted: 2 events within 1h)',
    '8s close gateway:alice',
  ]);
});

test('a value that was counted before adds nothing', () => {
  const text = rule(
    steps(
      "['gateway:alice']",
      'at: 0s, type: command.denied, user: alice, command: su, asset: a',
      'at: 0s, type: command.denied, user: alice, command: su, asset: A',
    ),
  )
    .replace('event_count', 'value_count')
    .replace('gte: 2', 'gte: 2, field: asset');
  expect(run(text)[0]?.story).toEqual([
    '0s command.denied: counted for ["gateway:alice"] with the value "a", beside 0 before it (wanted: 2 values of asset within 1h)',
    '0s command.denied: adds nothing new for ["gateway:alice"] with the value "a" (wanted: 2 values of asset within 1h)',
  ]);
});

describe('mistakes in tests are mistakes in the file', () => {
  test.each([
    ['at: 0s, type: command.refused', 'the event type "command.refused"'],
    ['at: 0s, type: command.denied, usr: alice', 'the field "usr"'],
    ['at: 0s, type: command.denied, seen: 5', '"seen" must be a duration'],
    ['at: soon, type: command.denied', 'portcullis.tests'],
    ['at: 0s', 'portcullis.tests'],
  ])('%s', (step, message) => {
    expect(() => run(rule(steps('[]', step)))).toThrow(message);
  });
});
