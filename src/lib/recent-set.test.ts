import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecentSet } from './recent-set.ts';

test('a key that came among the last so many different ones is known, and one that never came is not', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 8 }),
      fc.array(fc.nat(15), { maxLength: 200 }),
      (capacity, keys) => {
        const set = new RecentSet<number>(capacity);
        const wrong = keys.filter((key, index) => {
          const isNew = set.add(key);
          const seen = keys.slice(0, index);
          const sinceThen = new Set(seen.slice(seen.lastIndexOf(key)));
          return seen.includes(key) ? isNew && sinceThen.size <= capacity : !isNew;
        });
        expect(wrong).toEqual([]);
      },
    ),
  );
});

test('it forgets: of many keys at most twice its capacity are known', () => {
  const set = new RecentSet<number>(100);
  for (let key = 0; key < 10_000; key += 1) set.add(key);
  expect(set.add(9_799)).toBe(true);
  expect(set.add(9_999)).toBe(false);
});

test('a capacity that is none is refused', () => {
  for (const capacity of [0, -1, 1.5]) expect(() => new RecentSet(capacity)).toThrow(RangeError);
});
