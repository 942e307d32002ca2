import { expect, test } from 'vitest';
import { writtenLine } from '../syslog/written-line.ts';
import { unparsedEvent } from './build-event.ts';

test('a line that nothing reads is kept whole, names no user, and is of no realm but its source', () => {
  const nowMs = Date.UTC(2026, 10, 25);
  const line = {
    ...writtenLine('<34>Oct 11 22:14:15 gateway su: user=alice', nowMs),
    isTruncated: true,
    untruncatedSize: 99,
  };
  const intake = { confirmed: true, transport: 'udp' } as const;
  const event = unparsedEvent('id', line, { source: 'web01', realm: 'jms', intake }, 'a reason', {});
  expect(event).toMatchObject({
    type: 'foreign.unparsed',
    time: Date.UTC(2026, 9, 11, 22, 14, 15),
    seen: nowMs,
    source: 'web01',
    realm: 'web01',
    message: 'user=alice',
    raw: '<34>Oct 11 22:14:15 gateway su: user=alice',
    data: {
      reason: 'a reason',
      header: { hostname: 'gateway' },
      truncated: true,
      untruncatedSize: 99,
      intake,
    },
  });
  expect(event).not.toHaveProperty('user');
});
