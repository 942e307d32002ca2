import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readMessage } from './read-message.ts';

const peer = { address: '192.0.2.7', port: 1, transport: 'udp' } as const;
const NOW = Date.UTC(2026, 10, 25);

const parse = (line: string, receivedAtMs = NOW): ReturnType<typeof readMessage> =>
  readMessage(line, { peer, receivedAtMs, zone: (localMs) => localMs, untruncatedSize: null });

const piece = fc.oneof(
  fc.constantFrom(
    '<13>',
    '<',
    '>',
    '1 ',
    ' ',
    '  ',
    '-',
    ':',
    '[',
    ']',
    '"',
    '\\\\',
    '=',
    'a',
    'host',
    'su[1]:',
    'Oct 11 ',
    'Feb 29 ',
    '22:14:15',
    '2026-10-11T22:14:15Z',
    '2026-10-11 22:14:15',
    '.123456789012',
    '+02:00',
    ' UTC:',
    '\ufeff',
    '[x y="z"]',
    '2001:db8::1',
    '*',
    '123: ',
    '中',
    '\0',
    '\n',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const text = fc.oneof(
  fc.array(piece, { maxLength: 25 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

test('whatever comes is read: nothing throws, the body is the end of the text, nothing is out of range', () => {
  fc.assert(
    fc.property(text, (input) => {
      const message = parse(input);
      expect(message.raw.endsWith(message.body)).toBe(true);
      expect(message.facility ?? 0).toBeLessThan(24);
      expect(message.severity ?? 0).toBeLessThan(8);
      for (const field of [message.hostname, message.appName, message.procId, message.msgId])
        expect(field ?? 'x').toMatch(/^[^ ]{1,255}$/);
      expect(Number.isFinite(message.timeMs ?? 0)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('a year that is left out is never more than the half of one away', () => {
  const HALF_YEAR_MS = 184 * 86_400_000;
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2040, 0, 1) }),
      fc.integer({ min: 0, max: 364 }),
      (receivedAtMs, day) => {
        const date = new Date(Date.UTC(2025, 0, 1) + day * 86_400_000);
        const month =
          ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
            date.getUTCMonth()
          ] ?? '';
        const line = `<13>${month} ${String(date.getUTCDate()).padStart(2)} 12:00:00 h a: x`;
        const message = parse(line, receivedAtMs);
        expect(Math.abs((message.timeMs ?? Infinity) - receivedAtMs)).toBeLessThan(HALF_YEAR_MS);
      },
    ),
  );
});
