import { expect, test } from 'vitest';
import { localClock } from './local-time.ts';

const at = (zone: string, text: string) => localClock(zone)(Date.parse(text));

test.each([
  ['UTC', '2026-01-01T00:00:00Z', 0, 'thursday'],
  ['UTC', '2026-01-04T23:59:59.999Z', 23, 'sunday'],
  ['Europe/Berlin', '2026-01-04T23:00:00Z', 0, 'monday'],
  ['Europe/Berlin', '2026-07-01T22:00:00Z', 0, 'thursday'],
  ['Asia/Kolkata', '2026-01-01T18:29:59Z', 23, 'thursday'],
  ['Asia/Kolkata', '2026-01-01T18:30:00Z', 0, 'friday'],
  ['Asia/Kathmandu', '2026-01-01T18:14:59Z', 23, 'thursday'],
  ['Asia/Kathmandu', '2026-01-01T18:15:00Z', 0, 'friday'],
  ['America/New_York', '1969-12-31T23:00:00Z', 18, 'wednesday'],
])('in %s %s is hour %i of %s', (zone, text, hour, weekday) => {
  expect(at(zone, text)).toEqual({ hour, weekday });
});

test('what is remembered of one quarter is not told of another', () => {
  const clock = localClock('UTC');
  const hours = ['10:59:59', '11:00:00', '10:44:00', '10:45:00', '11:14:59'].map(
    (time) => clock(Date.parse(`2026-01-01T${time}Z`)).hour,
  );
  expect(hours).toEqual([10, 11, 10, 10, 11]);
});

test('a zone that does not exist is refused', () => {
  expect(() => localClock('Mars/Olympus')).toThrow(RangeError);
});
