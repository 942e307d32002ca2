import { expect, test } from 'vitest';
import { dateText } from './dates.ts';
import { Flag, Moment, orderItems } from './filters.ts';

test.each([
  ['true', true],
  ['True', true],
  ['1', true],
  ['false', false],
  ['FALSE', false],
  ['0', false],
])('%j is %s', (text, flag) => {
  expect(Flag.parse(text)).toBe(flag);
});

test('what is no flag is refused', () => {
  expect(Flag.safeParse('yes').success).toBe(false);
});

const ITEMS = [
  { name: 'b', at: 2, list: [1] },
  { name: 'a', at: 10, list: [0] },
];
test.each([
  ['name', ['a', 'b']],
  ['-name', ['b', 'a']],
  ['at', ['b', 'a']],
  ['-at', ['a', 'b']],
  ['list', ['b', 'a']],
  ['constructor', ['b', 'a']],
  ['', ['b', 'a']],
  [undefined, ['b', 'a']],
])('ordered by %j', (order, names) => {
  expect(orderItems(ITEMS, order).map(({ name }) => name)).toEqual(names);
});

test.each([
  ['2024/10/01 16:00:00 +0800', '2024-10-01T08:00:00Z'],
  // The plus sign of a query that nobody encoded.
  ['2024/10/01 16:00:00  0800', '2024-10-01T08:00:00Z'],
  ['2024-10-01 16:00:00 -0130', '2024-10-01T17:30:00Z'],
  ['2024-10-01T16:00:00Z', '2024-10-01T16:00:00Z'],
  ['2024-10-01T16:00:00.123456+08:00', '2024-10-01T08:00:00Z'],
  ['2024-10-01 16:00:00', '2024-10-01T16:00:00Z'],
  ['2024-10-01 16:00', '2024-10-01T16:00:00Z'],
  ['2024/10/01', '2024-10-01T00:00:00Z'],
])('the date %s is %s', (text, expected) => {
  expect(Moment.parse(text)).toBe(Date.parse(expected));
});

test.each([
  [''],
  ['yesterday'],
  ['2024/13/01 00:00:00 +0000'],
  ['2024/10/01 25:00:00 +0000'],
  ['1727769600'],
])('%j is no date', (text) => {
  expect(Moment.safeParse(text).success).toBe(false);
});

test('what is written as a date is read as one', () => {
  const now = 1_727_769_600_000;
  expect(dateText(now)).toBe('2024/10/01 08:00:00 +0000');
  expect(Moment.parse(dateText(now))).toBe(now);
});
