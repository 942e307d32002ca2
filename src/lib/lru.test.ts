import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LruMap } from './lru.ts';

test('the entry that was not touched for longest is forgotten first', () => {
  const map = new LruMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect(map.get('b')).toBeUndefined();
  expect(map.get('a')).toBe(1);
  expect(map.size).toBe(2);
});

test('agrees with a plain list kept in order of touching, whatever is done', () => {
  const step = fc.record({
    kind: fc.constantFrom('get', 'set', 'delete'),
    key: fc.nat(6),
    value: fc.nat(),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60 }), (capacity, steps) => {
      const map = new LruMap<number, number>(capacity);
      const seen: (readonly [number | undefined, number | undefined])[] = [];
      let list: { key: number; value: number }[] = [];
      for (const { kind, key, value } of steps) {
        const known = list.find((entry) => entry.key === key);
        const others = list.filter((entry) => entry.key !== key);
        if (kind === 'get') {
          seen.push([map.get(key), known?.value]);
          if (known !== undefined) list = [...others, known];
        } else if (kind === 'set') {
          map.set(key, value);
          list = [...others, { key, value }].slice(-capacity);
        } else {
          map.delete(key);
          list = others;
        }
        expect(map.size).toBe(list.length);
      }
      for (const { key, value } of list) seen.push([map.get(key), value]);
      for (const [got, expected] of seen) expect(got).toBe(expected);
    }),
  );
});
