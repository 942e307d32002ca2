import { expect, test } from 'vitest';
import { makeEvent } from '#contract/event.ts';
import { effectiveTime, MAX_AHEAD_MS, MAX_LATE_MS } from './event-time.ts';

test.each([
  [1000, 1000, 1000],
  [0, MAX_LATE_MS, 0],
  [0, MAX_LATE_MS + 1, undefined],
  [MAX_AHEAD_MS, 0, MAX_AHEAD_MS],
  [MAX_AHEAD_MS + 1, 0, 0],
])('what happened at %i and was seen at %i counts at %s', (time, seen, expected) => {
  expect(effectiveTime(makeEvent('tick', 'id', 0, { time, seen }))).toBe(expected);
});

test('the limits are five seconds and a day', () => {
  expect([MAX_AHEAD_MS, MAX_LATE_MS]).toEqual([5_000, 86_400_000]);
});
