import { describe, expect, test } from 'vitest';
import { makeEvent, type EventFields } from '#contract/event.ts';
import type { EventType } from '#contract/event-catalogue.ts';
import { createMatcher } from './matcher.ts';
import { buildRuleSet } from './rule-set.ts';

const rule = (detection: string, extra = ''): string =>
  `title: T\nname: t\nlogsource: {product: portcullis}\n${extra}detection:\n${detection}\n`;

function matches(detection: string, fields: EventFields, type: EventType = 'command.denied'): boolean {
  const match = createMatcher(buildRuleSet([{ path: 'r.yml', text: rule(detection) }]));
  return match(makeEvent(type, 'id', 1000, { user: 'alice', ...fields })).length > 0;
}

const field = (item: string): string => `  s:\n    ${item}\n  condition: s`;

describe('selections', () => {
  test.each([
    ['  s: {command: su, asset: web01}\n  condition: s', false],
    ['  s: {command: su, asset: db01}\n  condition: s', true],
    ['  s: [{command: reboot}, {asset: db01}]\n  condition: s', true],
    ['  s: [nowhere, DB0]\n  condition: s', true],
    ['  s: [nowhere]\n  condition: s', false],
    ["  s: {'|all': [db01, su]}\n  condition: s", true],
    ["  s: {'|all': [db01, web01]}\n  condition: s", false],
    ["  s: {'|contains|all': [b0, S]}\n  condition: s", true],
    ["  s: {'|cased': [DB01, web01]}\n  condition: s", false],
    ["  s: {'|cased': [db01, web01]}\n  condition: s", true],
    ["  s: {'|re': '^db\\d+$'}\n  condition: s", true],
    ["  s: {'|re|i|all': ['^DB', 'SU']}\n  condition: s", true],
    ["  s: {'|windash': ['-x']}\n  condition: s", false],
    ["  s: 'd?01'\n  condition: s", true],
    ["  s: ['d\\?01']\n  condition: s", false],
    ['  s: [nowhere, {asset: db01, command: su}]\n  condition: s', true],
    ['  s: [nowhere, {asset: db01, command: x}]\n  condition: s', false],
    ['  s: [[nowhere], [db01]]\n  condition: s', true],
    ['  s: 5022\n  condition: s', true],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: a and not b', true],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: [b, a]', true],
    ['  sel_a: {command: x}\n  sel_b: {asset: db01}\n  condition: 1 of sel_*', true],
    ['  sel_a: {command: x}\n  sel_b: {asset: db01}\n  condition: all of sel_*', false],
    ['  a: {command: su}\n  _b: {asset: web01}\n  condition: all of them', true],
    ['  a: {command: su}\n  b: {asset: web01}\n  c: {user: bob}\n  condition: a or b and c', true],
    ['  a: {command: su}\n  b: {asset: web01}\n  c: {user: bob}\n  condition: (a or b) and c', false],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: not a or b', false],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: not (a and b)', true],
    ['  a: {command: su}\n  condition: any of (a*)', true],
    ['  a: {command: su}\n  condition: NOT NOT a', true],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: 1 of them', true],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: all of them', false],
    ['  _a: {command: su}\n  b: {asset: web01}\n  condition: 1 of them', false],
    ['  _a: {command: su}\n  b: {asset: web01}\n  condition: 1 of _*', true],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: ANY OF THEM', true],
    ['  sel_1_x: {command: su}\n  sel_2_y: {asset: web01}\n  condition: all of sel_*_x', true],
    ['  sel_1_x: {command: su}\n  sel_2_y: {asset: web01}\n  condition: all of *_1*', true],
    ['  a: {command: su}\n  condition: 1 of a', true],
    ['  a: {command: su}\n  f_1: {user: bob}\n  condition: a and not 1 of f_*', true],
    ['  a: {command: su}\n  b: {asset: db01}\n  condition: not a and b', false],
    [
      '  a: {command: x}\n  b: {asset: db01}\n  c: {user: bob}\n  condition: (a and c) or (b and not (c or a))',
      true,
    ],
    ['  a: {command: su}\n  b: {asset: web01}\n  condition: [a and b, b]', false],
  ])('%s', (detection, expected) => {
    expect(matches(detection, { command: 'su', asset: 'db01', port: 5022 })).toBe(expected);
  });
});

describe('identity', () => {
  test('a typed name is not a user, whatever the event carries', () => {
    expect(matches(field('type: login.failed'), { user: 'alice' }, 'login.failed')).toBe(false);
    expect(matches(field('type: login.succeeded'), { user: 'alice' }, 'login.succeeded')).toBe(true);
  });

  test('the key of a user holds the realm and ignores case', () => {
    const match = createMatcher(buildRuleSet([{ path: 'r.yml', text: rule(field('command: su')) }]));
    const keyOf = (user: string, realm: string) =>
      match(makeEvent('command.denied', 'id', 1, { command: 'su', user, realm }))[0]?.entity;
    expect(keyOf('Alice', 'gateway')).toBe('gateway:alice');
    expect(keyOf('alice', 'jumpserver-1')).toBe('jumpserver-1:alice');
  });

  test('what lies a day behind its arrival counts for nothing, and a clock that runs ahead is not believed', () => {
    const match = createMatcher(buildRuleSet([{ path: 'r.yml', text: rule(field('command: su')) }]));
    const at = (time: number, seen: number) =>
      match(makeEvent('command.denied', 'id', 1, { command: 'su', user: 'a', time, seen }))[0]?.timeMs;
    const dayMs = 86_400_000;
    expect(at(0, dayMs)).toBe(0);
    expect(at(0, dayMs + 1)).toBeUndefined();
    expect(at(5000, 0)).toBe(5000);
    expect(at(5001, 0)).toBe(0);
  });
});

describe('mistakes are refused with place and fix', () => {
  test.each([
    [field('type: command.dnied'), 'E_RULE', 'did you mean "command.denied"?'],
    [field('type: [command.denied, process_creation]'), 'E_RULE', 'no event type "process_creation"'],
    [field('event.action|neq: nothing'), 'E_RULE', 'no event type "nothing"'],
    [field('usr: alice'), 'E_RULE', 'there is no field "usr"'],
    [field('command|containz: a'), 'E_RULE', 'no modifier "containz"'],
    [field('command|base64: a'), 'E_UNSUPPORTED', 'modifier "base64"'],
    [field("command|re: '('"), 'E_RULE', 'not a regular expression'],
    [field("command|re: '(?=a)'"), 'E_RULE', 'not a regular expression'],
    [field('address|cidr: 10.0.0.0'), 'E_RULE', 'not a CIDR range'],
    [field('port|gt: many'), 'E_RULE', 'needs a number'],
    [field('command|exists: 1'), 'E_RULE', 'true or false'],
    [field('command: [a, null]'), 'E_RULE', 'null cannot stand in a list'],
    [field('command|re|contains: a'), 'E_RULE', '"contains" cannot be combined with "re"'],
    [field('command|contains|startswith: a'), 'E_RULE', 'cannot be combined'],
    [field('command|contains|contains: a'), 'E_RULE', 'stands there twice'],
    [field('command|re|cidr: a'), 'E_RULE', '"cidr" cannot be combined with "re"'],
    [field('command|re|cased: a'), 'E_RULE', '"cased" cannot be combined with "re"'],
    [field('command|re|windash: a'), 'E_RULE', '"windash" cannot be combined with "re"'],
    [field('command|i|re: a'), 'E_RULE', '"i" belongs behind "re"'],
    [field('command|m: a'), 'E_RULE', '"m" belongs behind "re"'],
    [field('address|cidr|cased: 10.0.0.0/8'), 'E_RULE', 'cannot be combined'],
    [field('address|cidr: 10.0.0.0/33'), 'E_RULE', 'not a CIDR range'],
    [field('port|gt|neq: 1'), 'E_RULE', '"neq" cannot be combined with "gt"'],
    [field('port|gt|lt: 1'), 'E_RULE', '"lt" cannot be combined with "gt"'],
    [field('port|gt|cased: 1'), 'E_RULE', 'cannot be combined'],
    [field("port|gt: '0x10'"), 'E_RULE', 'needs a number'],
    [field('port|gt: .inf'), 'E_RULE', 'needs a number'],
    [field('port|gt: null'), 'E_RULE', 'needs a number'],
    [field('port|exists|neq: true'), 'E_RULE', 'cannot be combined'],
    [field('port|exists|all: true'), 'E_RULE', 'cannot be combined'],
    [field('port|exists: [true]'), 'E_RULE', 'not a list'],
    [field('port|exists: yes'), 'E_RULE', 'true or false'],
    [field('command|contains: null'), 'E_RULE', 'null can only'],
    [field('command|cased: null'), 'E_RULE', 'null can only'],
    [field('command|re: null'), 'E_RULE', 'null can only'],
    [field('command|windash: null'), 'E_RULE', 'null can only'],
    [field('command|fieldref|windash: user'), 'E_RULE', 'cannot be combined'],
    [field('command|fieldref: usr'), 'E_RULE', 'not "usr"'],
    [field('command|fieldref: 5'), 'E_RULE', 'name of a field'],
    [field('command: []'), 'E_RULE', 'empty list'],
    [field('command: {a: b}'), 'E_RULE', 'value or a list of values'],
    [field('command: [[a]]'), 'E_RULE', 'value or a list of values'],
    [field("'|startswith': a"), 'E_RULE', 'they stand anywhere'],
    [field("'|neq': a"), 'E_RULE', 'into the condition'],
    [field("'|cidr': 10.0.0.0/8"), 'E_RULE', '"cidr"'],
    [field("'|gt': 1"), 'E_RULE', '"gt"'],
    [field("'': null"), 'E_RULE', 'needs some text'],
    ["  s: ['']\n  condition: s", 'E_RULE', 'needs some text'],
    ['  s: []\n  condition: s', 'E_RULE', 'empty list'],
    ...['base64offset', 'wide', 'utf16', 'utf16le', 'utf16be', 'expand', 'hour', 'week', 'year'].map(
      (name): [string, string, string] => [
        field(`command|${name}: a`),
        'E_UNSUPPORTED',
        `modifier "${name}"`,
      ],
    ),
    ['  not: {command: su}\n  condition: not', 'E_RULE', 'cannot be called "not"'],
    ['  Them: {command: su}\n  condition: 1 of them', 'E_RULE', 'cannot be called "Them"'],
    ['  a: {command: su}\n  timeframe: 5m\n  condition: a', 'E_UNSUPPORTED', '"timeframe"'],
    ['  a: {command: su}\n  condition: []', 'E_RULE', 'detection.condition'],
    ["  a: {command: su}\n  condition: ''", 'E_RULE', 'condition is empty'],
    ['  a: {command: su}\n  condition: a and', 'E_RULE', 'ends too early'],
    ['  a: {command: su}\n  condition: a)', 'E_RULE', 'not expected'],
    ['  a: {command: su}\n  condition: 1 of (a', 'E_RULE', 'closing parenthesis'],
    ['  a: {command: su}\n  condition: 1 of', 'E_RULE', 'needs a name'],
    ['  a: {command: su}\n  condition: a near a', 'E_RULE', 'not expected'],
    ['  a: {command: su}\n  condition: b', 'E_RULE', 'no search identifier "b"'],
    ['  a: {command: su}\n  condition: (a', 'E_RULE', 'closing parenthesis'],
    ['  a: {command: su}\n  condition: a a', 'E_RULE', 'not expected'],
    ['  a: {command: su}\n  condition: 2 of a*', 'E_RULE', '"2 of" is not known'],
    ['  a: {command: su}\n  condition: 1 of x*', 'E_RULE', 'no search identifier fits'],
    ['  a: {command: su}\n  condition: a | count() > 5', 'E_UNSUPPORTED', 'aggregation'],
    [`  a: {command: su}\n  condition: ${'('.repeat(200)}a${')'.repeat(200)}`, 'E_RULE', 'too deeply'],
    ['  a: {}\n  condition: a', 'E_RULE', 'empty map'],
    ['  condition: a', 'E_RULE', 'no search identifier'],
  ])('%s', (detection, code, message) => {
    expect(() => buildRuleSet([{ path: 'r.yml', text: rule(detection) }])).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(/^r\.yml:\d+/) as string }),
    );
    expect(() => buildRuleSet([{ path: 'r.yml', text: rule(detection) }])).toThrow(message);
  });

  test('YAML errors name file and line', () => {
    expect(() => buildRuleSet([{ path: 'r.yml', text: 'title: a\n  b: [\n' }])).toThrow(/^r\.yml:\d/);
  });

  test('an alias bomb is refused', () => {
    const bomb = 'a: &a [x, x]\nb: &b [*a, *a]\ntitle: [*b, *b]\n';
    expect(() => buildRuleSet([{ path: 'r.yml', text: bomb }])).toThrow('aliases are not accepted');
  });
});
