import { describe, expect, test } from 'vitest';
import type { SyslogMessage } from './message.ts';
import { readMessage } from './read-message.ts';
import { createZone } from './zone.ts';

const NOW = Date.UTC(2026, 10, 25, 12, 0, 0);
const peer = { address: '192.0.2.7', port: 40_000, transport: 'udp' } as const;

function parse(line: string, receivedAtMs = NOW, zoneName = 'UTC'): SyslogMessage {
  const zone = createZone(zoneName);
  if (zone === undefined) throw new Error('no such zone');
  return readMessage(line, { peer, receivedAtMs, zone, untruncatedSize: null });
}

const time = (message: SyslogMessage): string | null =>
  message.timeMs === null ? null : new Date(message.timeMs).toISOString();

describe('RFC 5424', () => {
  test('the whole header with structured data and its escapes', () => {
    const message = parse(
      '<165>1 2026-10-11T22:14:15.003+02:00 web01.example.test app 10391 ID47 [origin@32473 ip="192.0.2.1" note="a \\"b\\" \\] \\\\ \\n"][x y="1"] \ufeffhello',
    );
    expect(message).toMatchObject({
      format: 'rfc5424',
      facility: 20,
      severity: 5,
      hostname: 'web01.example.test',
      appName: 'app',
      procId: '10391',
      msgId: 'ID47',
      body: 'hello',
    });
    expect(time(message)).toBe('2026-10-11T20:14:15.003Z');
    expect(message.structuredData?.get('origin@32473')?.get('note')).toBe('a "b" ] \\ \\n');
    expect(message.structuredData?.get('x')?.get('y')).toBe('1');
  });

  test('what is not there is null, and a message may be missing', () => {
    expect(parse('<0>1 - - - - - -')).toMatchObject({
      format: 'rfc5424',
      timeMs: null,
      hostname: null,
      appName: null,
      structuredData: null,
      body: '',
    });
  });

  test('structured data that cannot be read is message', () => {
    const message = parse('<13>1 2026-10-11T22:14:15Z h a - - [broken x="1 text');
    expect(message).toMatchObject({ format: 'rfc5424', structuredData: null, body: '[broken x="1 text' });
  });

  test('a time without a zone is in the zone of the listener, and says so', () => {
    const message = parse('<13>1 2026-10-11T22:14:15 h a - - - x', NOW, '+08:00');
    expect(time(message)).toBe('2026-10-11T14:14:15.000Z');
    expect(message.timeGuessed).toEqual({ year: false, zone: true });
  });
});

describe('RFC 3164 and what senders make of it', () => {
  test.each([
    ['plain', '<34>Oct 11 22:14:15 mymachine su[42]: text', '2026-10-11T22:14:15.000Z', 'mymachine', 'su'],
    ['two spaces before the day', '<34>Oct  1 22:14:15 h su: text', '2026-10-01T22:14:15.000Z', 'h', 'su'],
    ['one space before the day', '<34>Oct 1 22:14:15 h su: text', '2026-10-01T22:14:15.000Z', 'h', 'su'],
    ['upper case', '<34>OCT 11 22:14:15 h su: text', '2026-10-11T22:14:15.000Z', 'h', 'su'],
    ['no priority', 'Oct 11 22:14:15 h su: text', '2026-10-11T22:14:15.000Z', 'h', 'su'],
    ['RFC 3339', '<34>2026-10-11T22:14:15.5+02:00 h su: text', '2026-10-11T20:14:15.500Z', 'h', 'su'],
    ['year behind', '<34>Mar 7 2008 19:06:53: su: text', '2008-03-07T19:06:53.000Z', null, 'su'],
    ['year after the time', '<34>Oct 11 22:14:15 2025 h su: text', '2025-10-11T22:14:15.000Z', 'h', 'su'],
    ['zone', '<34>Oct 11 22:14:15.123 UTC: su: text', '2026-10-11T22:14:15.123Z', null, 'su'],
    [
      'IPv6 host',
      '<34>Oct 11 22:14:15 2001:db8::1 su: text',
      '2026-10-11T22:14:15.000Z',
      '2001:db8::1',
      'su',
    ],
    ['odd host', '<34>Oct 11 22:14:15 a/b@c su: text', '2026-10-11T22:14:15.000Z', 'a/b@c', 'su'],
    ['no host', '<34>Oct 11 22:14:15 su: text', '2026-10-11T22:14:15.000Z', null, 'su'],
    ['no host, id', '<34>Oct 11 22:14:15 su[4]: text', '2026-10-11T22:14:15.000Z', null, 'su'],
    [
      'tag over 32',
      `<34>Oct 11 22:14:15 h ${'t'.repeat(60)}: text`,
      '2026-10-11T22:14:15.000Z',
      'h',
      't'.repeat(60),
    ],
  ])('%s', (_name, line, expected, hostname, appName) => {
    const message = parse(line);
    expect(time(message)).toBe(expected);
    expect(message).toMatchObject({ format: 'rfc3164', hostname, appName, body: 'text' });
  });

  test('Cisco: sequence number, clock mark, no host', () => {
    const message = parse('<189>123: *Oct 07 03:10:04: %SYS-5-CONFIG_I: Configured');
    expect(time(message)).toBe('2026-10-07T03:10:04.000Z');
    expect(message).toMatchObject({ hostname: null, appName: '%SYS-5-CONFIG_I', body: 'Configured' });
  });

  test('a tag without a colon is told, and stays in the message', () => {
    expect(parse('<34>Oct 11 22:14:15 h su root failed')).toMatchObject({
      appName: 'su',
      body: 'su root failed',
    });
  });

  test('a message of JumpServer has a tag and no time', () => {
    expect(parse('<14>jumpserver: login_log - {"a": 1}')).toMatchObject({
      format: 'none',
      appName: 'jumpserver',
      timeMs: null,
      body: 'login_log - {"a": 1}',
    });
  });

  test.each(['plain text', '{"a": "<1>"}', '<999>text', '<>x', '<1', '1 2 3', '', 'Oct 41 22:14:15 h a: b'])(
    'no header: %j',
    (line) => {
      expect(parse(line)).toMatchObject({ raw: line, timeMs: null, facility: null });
    },
  );

  test('a day that does not exist gives no time', () => {
    expect(parse('<34>Feb 30 22:14:15 h su: text')).toMatchObject({ timeMs: null, hostname: 'h' });
  });
});

describe('the year that the header leaves out', () => {
  test.each([
    [
      'a moment ago, over New Year',
      'Dec 31 23:59:58',
      Date.UTC(2027, 0, 1, 0, 0, 5),
      '2026-12-31T23:59:58.000Z',
    ],
    [
      'a clock that is ahead',
      'Jan  1 00:00:05',
      Date.UTC(2026, 11, 31, 23, 59, 58),
      '2027-01-01T00:00:05.000Z',
    ],
    ['months late', 'Aug 30 10:00:00', Date.UTC(2027, 0, 15), '2026-08-30T10:00:00.000Z'],
    ['a leap day', 'Feb 29 10:00:00', Date.UTC(2028, 2, 1), '2028-02-29T10:00:00.000Z'],
  ])('%s', (_name, stamp, receivedAtMs, expected) => {
    const message = parse(`<34>${stamp} h su: x`, receivedAtMs);
    expect(time(message)).toBe(expected);
    expect(message.timeGuessed).toEqual({ year: true, zone: true });
  });

  test('is nearest in the zone of the listener', () => {
    const message = parse('<34>Jan  1 07:59:00 h su: x', Date.UTC(2026, 11, 31, 23, 59, 5), 'Asia/Shanghai');
    expect(time(message)).toBe('2026-12-31T23:59:00.000Z');
  });

  test('a zone has summer time', () => {
    expect(time(parse('<34>Jul  1 12:00:00 h su: x', NOW, 'Europe/Berlin'))).toBe('2026-07-01T10:00:00.000Z');
    expect(time(parse('<34>Nov  1 12:00:00 h su: x', NOW, 'Europe/Berlin'))).toBe('2026-11-01T11:00:00.000Z');
  });

  test('a zone that is none is refused', () => {
    expect(createZone('Mars/Olympus')).toBeUndefined();
  });
});

describe('marks and escapes', () => {
  test('a mark of byte order before the priority is passed over', () => {
    expect(parse('\ufeff<34>Oct 11 22:14:15 h su: x')).toMatchObject({ facility: 4, body: 'x' });
  });

  test('escapes of senders stay as they are', () => {
    expect(parse('<34>Oct 11 22:14:15 h su: a#012b').body).toBe('a#012b');
  });
});
