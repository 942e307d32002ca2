import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivedId, newId, orderedId } from './ids.ts';
import { RecentIds } from './recent-ids.ts';

describe('RecentIds', () => {
  it('tells an id that came within its capacity from one that did not', () => {
    const recent = new RecentIds(1_000);
    const ids = Array.from({ length: 1_000 }, (_, index) => orderedId(1_800_000_000_000, 'record', index));
    expect(ids.every((id) => recent.add(id))).toBe(true);
    expect(ids.some((id) => recent.add(id))).toBe(false);
  });

  it('remembers as many as it says and forgets what is older than twice as many', () => {
    const recent = new RecentIds(100);
    const ids = Array.from({ length: 301 }, (_, index) => derivedId('record', index));
    for (const id of ids) recent.add(id);
    expect(ids.slice(-100).some((id) => recent.add(id))).toBe(false);
    expect(ids.slice(0, 100).every((id) => recent.add(id))).toBe(true);
  });

  it('takes ids that differ in one digit of their digest for different ones, whatever the moment in front', () => {
    const places = [15, 16, 17, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35];
    for (const at of places) {
      const recent = new RecentIds(10);
      const id = '00000000-0000-0000-0000-000000000000';
      expect(recent.add(id)).toBe(true);
      expect([at, recent.add(`${id.slice(0, at)}1${id.slice(at + 1)}`)]).toEqual([at, true]);
      expect(recent.add(id)).toBe(false);
    }
    const recent = new RecentIds(10);
    expect(recent.add(orderedId(1, 'record'))).toBe(true);
    expect([orderedId(2, 'record'), derivedId('record')].map((id) => recent.add(id))).toEqual([false, false]);
  });

  it('refuses a capacity that is none', () => {
    for (const capacity of [0, -1, 1.5]) expect(() => new RecentIds(capacity)).toThrow(RangeError);
  });

  it('agrees with a list of what came, for any order and any capacity', () => {
    const pool = Array.from({ length: 12 }, () => newId());
    fc.assert(
      fc.property(
        fc.array(fc.nat(11), { maxLength: 60 }),
        fc.integer({ min: 1, max: 6 }),
        (order, capacity) => {
          const recent = new RecentIds(capacity);
          const seen: number[] = [];
          for (const which of order) {
            const distance = new Set(seen.slice(seen.lastIndexOf(which) + 1)).size;
            const wasThere = seen.includes(which);
            const isNew = recent.add(pool[which] ?? '');
            // Between once and twice the capacity it may or may not be remembered.
            const possible = !wasThere ? [true] : distance < capacity ? [false] : [true, false];
            expect(possible).toContain(isNew);
            seen.push(which);
          }
        },
      ),
    );
  });
});
