import { expect, test } from 'vitest';
import { readFuture, readPast, timeText } from './times.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

test.each([
  ['15m', NOW - 900_000],
  ['7d', NOW - 604_800_000],
  ['2026-11-22T10:00:00Z', Date.parse('2026-11-22T10:00:00Z')],
  ['2026-11-22T10:00+02:00', Date.parse('2026-11-22T08:00:00Z')],
  ['2026-11-22 10:00', new Date(2026, 10, 22, 10).getTime()],
  ['2026-11-22', new Date(2026, 10, 22).getTime()],
  ['1763800000000', 1_763_800_000_000],
])('%s is understood', (text, expected) => {
  expect(readPast(text, '--since', NOW)).toBe(expected);
});

test('durations count forward for what is to come', () => {
  expect(readFuture('2h', '--expires', NOW)).toBe(NOW + 7_200_000);
});

test.each(['yesterday', '15', '15 minutes', '2026-13-45', '22.11.2026', ''])('"%s" is a slip', (text) => {
  expect(() => readPast(text, '--since', NOW)).toThrow(/--since .*is no time/);
});

test('a time is shown as it can be typed', () => {
  expect(readPast(timeText(NOW), '--since', 0)).toBe(NOW);
  expect(timeText(null)).toBe('-');
});
