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

describe('values', () => {
  const su: EventFields = {
    command: 'sudo SU - root',
    address: '10.1.2.3',
    port: 5022,
    data: { n: 7, tags: ['a', 'B'], empty: '', nothing: null },
  };
  test.each([
    ['command: sudo su - root', true],
    ['command|cased: sudo su - root', false],
    ['command|cased: sudo SU - root', true],
    ['command: su', false],
    ["command: '*su*'", true],
    ['command|contains: su', true],
    ['command|contains: [nothing, SU]', true],
    ['command|contains|all: [sudo, root]', true],
    ['command|contains|all: [sudo, reboot]', false],
    ['command|startswith: sudo', true],
    ['command|endswith: root', true],
    ['command|endswith: sudo', false],
    ["command|re: '^sudo\\s+SU'", true],
    ["command|re: '^sudo\\s+su'", false],
    ["command|re|i: '^sudo\\s+su'", true],
    ['address|cidr: 10.0.0.0/8', true],
    ['address|cidr: [192.168.0.0/16, 10.1.0.0/16]', true],
    ['address|cidr: 192.168.0.0/16', false],
    ['address|cidr: 2001:db8::/32', false],
    ['port: 5022', true],
    ["port: '5022'", true],
    ['port|gt: 5021', true],
    ['port|gte: 5022', true],
    ['port|lt: 5022', false],
    ['port|lte: 5022', true],
    ['data.n: 7', true],
    ['data.n|gt: 7', false],
    ['data.tags: b', true],
    ['data.tags: c', false],
    ['data.tags|all: [a, b]', true],
    ["data.empty: ''", true],
    ['data.empty: null', false],
    ['data.nothing: null', true],
    ["data.nothing: ''", false],
    ['data.absent: null', true],
    ['data.absent|exists: true', false],
    ['data.absent|exists: false', true],
    ['data.n|exists: true', true],
    ['data.n|exists: false', false],
    ['command|neq: su', true],
    ['command|neq: [su, sudo su - root]', false],
    ['command|fieldref|contains: user', false],
    ['user|fieldref: user', true],
    ['CommandLine|contains: su', true],
    ['process.command_line|contains: su', true],
  ])('%s is %s', (item, expected) => {
    expect(matches(field(item), su)).toBe(expected);
  });

  test('windash finds each way to write the dash', () => {
    for (const command of ['ping -n 1', 'ping /n 1', 'ping \u2013n 1'])
      expect(matches(field("command|contains|windash: 'ping -n'"), { command })).toBe(true);
    expect(matches(field("command|contains|windash: 'ping -n'"), { command: 'ping n' })).toBe(false);
  });

  test('an IPv4 address in IPv6 clothes is the IPv4 address', () => {
    expect(matches(field('address|cidr: 10.0.0.0/8'), { address: '::ffff:10.1.2.3' })).toBe(true);
  });
});

describe('selections', () => {
  test.each([
    ['  s: {command: su, asset: web01}\n  condition: s', false],
    ['  s: {command: su, asset: db01}\n  condition: s', true],
    ['  s: [{command: reboot}, {asset: db01}]\n  condition: s', true],
    ['  s: [nowhere, DB0]\n  condition: s', true],
    ['  s: [nowhere]\n  condition: s', false],
    ["  s: {'|all': [db01, su]}\n  condition: s", true],
    ["  s: {'|all': [db01, web01]}\n  condition: s", false],
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
  ])('%s', (detection, expected) => {
    expect(matches(detection, { command: 'su', asset: 'db01' })).toBe(expected);
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
    [field('usr: alice'), 'E_RULE', 'there is no field "usr"'],
    [field('command|containz: a'), 'E_RULE', 'no modifier "containz"'],
    [field('command|base64: a'), 'E_UNSUPPORTED', 'modifier "base64"'],
    [field("command|re: '('"), 'E_RULE', 'not a regular expression'],
    [field("command|re: '(?=a)'"), 'E_RULE', 'not a regular expression'],
    [field('address|cidr: 10.0.0.0'), 'E_RULE', 'not a CIDR range'],
    [field('port|gt: many'), 'E_RULE', 'needs a number'],
    [field('command|exists: 1'), 'E_RULE', 'true or false'],
    [field('command: [a, null]'), 'E_RULE', 'null cannot stand in a list'],
    [field('command|re|contains: a'), 'E_RULE', 'cannot be combined'],
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
