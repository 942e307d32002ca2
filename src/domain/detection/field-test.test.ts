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
    account: 'SU',
    message: 'first\nsecond LINE',
    data: {
      n: 7,
      decimal: '2.50',
      spaced: ' 7',
      hex: '0x10',
      yes: true,
      tags: ['a', 'B'],
      numbers: [3, '9'],
      empty: '',
      nothing: null,
      addresses: ['192.0.2.1', '2001:db8::1'],
      deep: { er: 'x' },
      stars: 'a*b?c',
      path: 'C:\\Windows\\x',
      smile: 'a😀c',
      other: 'sudo',
    },
  };
  test.each([
    // whole texts, without regard to case
    ['command: sudo su - root', true],
    ['command: su', false],
    ['command: [nothing, SUDO SU - ROOT]', true],
    ["port: '5022'", true],
    ['port: 5022', true],
    ['data.yes: true', true],
    ['data.yes: TRUE', true],
    ['data.yes: false', false],
    ['data.n: 7', true],
    ['data.deep.er: X', true],
    ['data.deep: X', false],
    // cased, with and without wildcards
    ['command|cased: sudo su - root', false],
    ['command|cased: sudo SU - root', true],
    ["command|cased: 'sudo S*'", true],
    ["command|cased: 'sudo s*'", false],
    ["command|cased: 'sud? SU*'", true],
    ["command|cased: 'Sud? SU*'", false],
    ['command|contains|cased: SU', true],
    ['command|cased|contains: Su', false],
    ['command|cased|startswith: Sudo', false],
    ['command|cased|endswith: root', true],
    ['data.tags|cased: B', true],
    ['data.tags|cased: b', false],
    // wildcards and escapes
    ["command: '*su*'", true],
    ["command: 'sudo ??*'", true],
    ["command: '?'", false],
    ["data.smile: 'a?c'", true],
    ["data.smile: 'a??c'", false],
    ["data.smile: '*?c'", true],
    ["data.stars: 'a\\*b\\?c'", true],
    ["data.smile: 'a\\?c'", false],
    ["data.path: 'C:\\Windows\\x'", true],
    ["data.path: 'C:\\\\Windows\\\\x'", true],
    ["data.path: 'c:\\Windows\\\\*'", true],
    ["data.path: 'c:\\Windows\\*'", false],
    // where
    ['command|contains: su', true],
    ['command|contains: [nothing, SU]', true],
    ["command|contains: 's?do'", true],
    ['command|contains|all: [sudo, root]', true],
    ['command|contains|all: [sudo, reboot]', false],
    ['command|all|contains: [sudo, reboot]', false],
    ['command|all: [sudo su - root]', true],
    ['command|startswith: sudo', true],
    ['command|startswith: su', true],
    ['command|startswith: root', false],
    ['command|endswith: root', true],
    ['command|endswith: sudo', false],
    // regular expressions
    ["command|re: '^sudo\\s+SU'", true],
    ["command|re: '^sudo\\s+su'", false],
    ["command|re: 'SU'", true],
    ["command|re: ['nothing', 'o SU']", true],
    ["command|re|all: ['SU', 'root$']", true],
    ["command|re|all: ['SU', 'root$', 'x']", false],
    ["command|re|neq: 'SU'", false],
    ["command|re|i: '^sudo\\s+su'", true],
    ["command|re|ignorecase: 'ROOT$'", true],
    ["message|re: '^second'", false],
    ["message|re|m: '^second'", true],
    ["message|re|m: 'first$'", true],
    ["message|re|multiline: '^SECOND'", false],
    ["message|re: 'first.second'", false],
    ["message|re|s: 'first.second'", true],
    ["message|re|dotall: 'first.second'", true],
    ["message|re|i|m: '^SECOND line$'", true],
    ["message|re|m|s: '^second.LINE$'", true],
    ["message|re|s|i: 'FIRST.SECOND'", true],
    ["message|re|i|m|s: '^FIRST.SECOND line$'", true],
    ["port|re: '^50'", true],
    ["data.tags|re: '^B$'", true],
    // ranges of addresses
    ['address|cidr: 10.0.0.0/8', true],
    ['address|cidr: 10.1.2.3/32', true],
    ['address|cidr: 10.1.2.4/32', false],
    ['address|cidr: 0.0.0.0/0', true],
    ['address|cidr: [192.168.0.0/16, 10.1.0.0/16]', true],
    ['address|cidr: 192.168.0.0/16', false],
    ['address|cidr|neq: 192.168.0.0/16', true],
    ["address|cidr: '::/0'", false],
    ["address|cidr: '2001:db8::/32'", false],
    ["data.addresses|cidr: '2001:db8::/32'", true],
    ["data.addresses|cidr|all: ['2001:db8::/32', 192.0.2.0/24]", true],
    ["data.addresses|cidr|all: ['2001:db8::/32', 192.0.3.0/24]", false],
    ['command|cidr: 10.0.0.0/8', false],
    // numbers
    ['port|gt: 5021', true],
    ['port|gt: 5022', false],
    ['port|gte: 5022', true],
    ['port|gte: 5023', false],
    ['port|lt: 5022', false],
    ['port|lt: 5022.5', true],
    ['port|lte: 5022', true],
    ['port|lte: 5021', false],
    ["port|lte: '5022'", true],
    ['port|gt: [9999, 5000]', true],
    ['port|gt|all: [9999, 5000]', false],
    ['data.n|gt: 7', false],
    ['data.n|gt: -1', true],
    ['data.decimal|gte: 2.5', true],
    ['data.decimal|gt: 2.5', false],
    ['data.numbers|gt: 8', true],
    ['data.numbers|gt: 9', false],
    ['data.spaced|gt: 1', false],
    ['data.hex|gt: 1', false],
    ['data.yes|gte: 0', false],
    ['data.empty|gte: 0', false],
    ['data.nothing|lt: 5', false],
    ['data.absent|lt: 5', false],
    ['command|gt: 0', false],
    // lists in the event: one element is enough
    ['data.tags: b', true],
    ['data.tags: c', false],
    ['data.tags|all: [a, b]', true],
    ['data.tags|all: [a, c]', false],
    ['data.tags|contains: B', true],
    // null, empty, absent
    ["data.empty: ''", true],
    ['data.empty: null', false],
    ["data.empty: '*'", true],
    ["data.empty: '?*'", false],
    ['data.nothing: null', true],
    ["data.nothing: ''", false],
    ["data.nothing: '*'", false],
    ['data.absent: null', true],
    ["data.absent: ''", false],
    ["data.absent: '*'", false],
    ['data.nothing|neq: null', false],
    ['data.n|neq: null', true],
    ['data.absent|exists: true', false],
    ['data.absent|exists: false', true],
    ['data.nothing|exists: true', true],
    ['data.empty|exists: true', true],
    ['data.n|exists: true', true],
    ['data.n|exists: false', false],
    // neq
    ['command|neq: su', true],
    ['command|neq: [su, sudo su - root]', false],
    ['command|contains|neq: reboot', true],
    ['command|contains|neq: sudo', false],
    ['command|contains|all|neq: [sudo, reboot]', true],
    ['command|contains|all|neq: [sudo, root]', false],
    ['command|cased|neq: sudo su - root', true],
    ['port|neq: 22', true],
    ['port|neq: 5022', false],
    ['data.absent|neq: x', true],
    // references to other fields
    ['user|fieldref: user', true],
    ['account|fieldref: command', false],
    ['command|fieldref|contains: account', true],
    ['command|contains|fieldref: account', true],
    ['command|fieldref|startswith: data.other', true],
    ['command|fieldref|startswith: address', false],
    ['command|fieldref|endswith: data.other', false],
    ['command|fieldref|contains|cased: account', true],
    ['data.tags|fieldref: data.absent', false],
    ['account|fieldref|neq: command', true],
    ['user|fieldref|neq: user', false],
    ['command|fieldref: [user, command]', true],
    ['command|fieldref|all: [user, command]', false],
    ['data.addresses|fieldref: data.addresses', true],
    // names of other worlds
    ['CommandLine|contains: su', true],
    ['process.command_line|contains: su', true],
    ['source.ip: 10.1.2.3', true],
  ])('%s is %s', (item, expected) => {
    expect(matches(field(item), su)).toBe(expected);
  });

  test.each([
    ["contains|windash: 'ping -n'", 'ping -n 1', true],
    ["contains|windash: 'ping -n'", 'ping /n 1', true],
    ["contains|windash: 'ping -n'", 'ping \u2013n 1', true],
    ["contains|windash: 'ping -n'", 'ping \u2014n 1', true],
    ["contains|windash: 'ping -n'", 'ping \u2015n 1', true],
    ["contains|windash: 'ping /n'", 'ping -n 1', true],
    ["contains|windash: 'ping -n'", 'ping n', false],
    ["contains|windash: 'ping -n'", 'ping _n', false],
    ["windash: 'ping -n -t'", 'PING /n -t', true],
    ["windash: 'ping -n -t'", 'ping -n \u2015T', true],
    ["windash|contains|all: [' -n', ' -t']", 'ping /t /n', true],
    ["windash|contains|all: [' -n', ' -t']", 'ping /t', false],
    ["windash: 'well-known'", 'well/known', false],
    ["windash: 'well-known'", 'well-known', true],
    ["windash: 'a - b'", 'a / b', false],
    ["windash: '-n*'", '/nothing', true],
    ["windash|cased: '-N'", '/n', false],
    ["windash|startswith: '--long'", '-/long', true],
    ["windash|neq: '-n'", '/n', false],
  ])('windash finds each way to write the dash before an option: %s, %s', (item, command, expected) => {
    expect(matches(field(`command|${item}`), { command })).toBe(expected);
  });

  test('without regard to case, a long s is an s to the expression, and routing must know', () => {
    expect(matches(field("command|re|i: 'passwd'"), { command: 'cat /etc/PA\u017F\u017FWD' })).toBe(true);
    expect(matches(field("command|re: '(?i)passwd'"), { command: 'pa\u017F\u017Fwd' })).toBe(true);
  });

  test('an IPv4 address in IPv6 clothes is the IPv4 address', () => {
    expect(matches(field('address|cidr: 10.0.0.0/8'), { address: '::ffff:10.1.2.3' })).toBe(true);
  });

  test.each([
    ['time.hour: 23', 'UTC', true],
    ['time.hour|gte: 20', 'UTC', true],
    ['time.weekday: Saturday', 'UTC', true],
    ['time.hour: 7', 'Asia/Shanghai', true],
    ['time.weekday: [saturday, sunday]', 'Asia/Shanghai', true],
    ['time.weekday: sunday', 'Asia/Shanghai', true],
    ['time.hour: 5', 'Asia/Kolkata', true],
    ['time.hour: 4', 'Asia/Kolkata', false],
  ])('%s in %s is %s', (item, timeZone, expected) => {
    const rules = buildRuleSet([{ path: 'r.yml', text: rule(field(item)) }], { timeZone });
    const event = makeEvent('command.denied', 'id', Date.UTC(2026, 0, 3, 23, 59), { user: 'alice' });
    expect(createMatcher(rules)(event).length > 0).toBe(expected);
  });
});
