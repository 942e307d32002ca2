import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Threshold } from './firing-rule.ts';
import { mostHeld, superfluous } from './thinning.ts';
import { crossing, type CountedEntry } from './window.ts';

const entry = (position: number, timeMs: number, label = '', value: string | null = null): CountedEntry => ({
  eventId: `e${position}`,
  position,
  timeMs,
  label,
  value,
});
const plain = (...labels: readonly string[]) => labels.map((label) => ({ label, count: null }));
const counted = (label: string, atLeast: number, timespanMs: number) => ({
  label,
  count: { type: 'event_count' as const, atLeast, timespanMs },
});

const atLeast = fc.integer({ min: 2, max: 4 });
const timespanMs = fc.integer({ min: 1, max: 12 });
const threshold: fc.Arbitrary<Threshold> = fc.oneof(
  fc.record({ type: fc.constant('value_count' as const), atLeast, timespanMs, fieldSlot: fc.constant(0) }),
  fc.record({
    type: fc.constant('temporal' as const),
    parts: fc.constant(plain('a', 'b', 'c')),
    atLeast: fc.integer({ min: 2, max: 3 }),
    timespanMs,
  }),
  fc.record({
    type: fc.constant('temporal_ordered' as const),
    parts: fc.constantFrom(plain('a', 'b'), plain('a', 'b', 'c')),
    timespanMs,
  }),
  fc
    .record({ many: fc.integer({ min: 1, max: 3 }), inner: timespanMs, timespanMs, first: fc.boolean() })
    .map(({ many, inner, first, timespanMs: outer }): Threshold => ({
      type: 'temporal_ordered',
      parts: first ? [counted('a', many, inner), ...plain('b')] : [...plain('b'), counted('a', many, inner)],
      timespanMs: outer,
    })),
  fc
    .record({ many: fc.integer({ min: 1, max: 3 }), inner: timespanMs, timespanMs })
    .map(({ many, inner, timespanMs: outer }): Threshold => ({
      type: 'temporal',
      parts: [counted('a', many, inner), counted('b', 2, inner)],
      atLeast: 2,
      timespanMs: outer,
    })),
);
/** Mostly one label, so that much can be dropped before the other decides. */
const drawn = fc.record({
  time: fc.integer({ min: 0, max: 30 }),
  label: fc.constantFrom('a', 'a', 'a', 'a', 'a', 'a', 'b', 'c'),
  value: fc.constantFrom('x', 'x', 'x', 'y', 'z'),
});

test('dropping what is superfluous never changes when a key crosses', () => {
  let dropped = 0;
  let crossed = 0;
  fc.assert(
    fc.property(threshold, fc.array(drawn, { minLength: 20, maxLength: 40 }), (wanted, list) => {
      const labelled = wanted.type === 'temporal' || wanted.type === 'temporal_ordered';
      const all: CountedEntry[] = [];
      let held: CountedEntry[] = [];
      for (const [position, { time, label, value }] of list.entries()) {
        const added = entry(position, time, labelled ? label : '', labelled ? null : value);
        const expected = crossing(wanted, all, added) !== undefined;
        expect(crossing(wanted, held, added) !== undefined).toBe(expected);
        if (expected) {
          crossed += 1;
          return;
        }
        const idle = superfluous(wanted, held, added);
        dropped += idle.length;
        all.push(added);
        held = [...held, added].filter((one) => !idle.includes(one));
      }
    }),
    { numRuns: 1500 },
  );
  expect(dropped).toBeGreaterThan(1500);
  expect(crossed).toBeGreaterThan(300);
}, 60_000);

describe('a flood of one kind leaves little behind', () => {
  test.each([
    [{ type: 'value_count', atLeast: 3, timespanMs: 100, fieldSlot: 0 }, 2],
    [{ type: 'temporal', parts: plain('a', 'b'), atLeast: 2, timespanMs: 100 }, 2],
    [{ type: 'temporal_ordered', parts: plain('a', 'b'), timespanMs: 100 }, 2],
    [{ type: 'temporal_ordered', parts: [counted('a', 10, 100), ...plain('b')], timespanMs: 100 }, 21],
  ] as const satisfies readonly (readonly [Threshold, number])[])('%o', (wanted, most) => {
    let held: readonly CountedEntry[] = [];
    for (let position = 0; position < 1000; position++) {
      const added = entry(position, position / 100, 'a', 'x');
      const idle = superfluous(wanted, held, added);
      held = [...held, added].filter((one) => !idle.includes(one));
      expect(held.length).toBeLessThanOrEqual(most);
    }
  });
});

describe('by hand', () => {
  const values: Threshold = { type: 'value_count', atLeast: 3, timespanMs: 10, fieldSlot: 0 };
  const at = (time: number, value = 'x') => entry(time, time, '', value);

  test('an entry between two like it, not further apart than the window', () => {
    const [first, middle, last] = [at(0), at(5), at(10)];
    expect(superfluous(values, [first, last], middle)).toEqual([middle]);
    expect(superfluous(values, [first, middle], last)).toEqual([middle]);
    expect(superfluous(values, [middle, last], first)).toEqual([middle]);
    expect(superfluous(values, [first, at(11)], middle)).toEqual([]);
    expect(superfluous(values, [first, at(10, 'y')], middle)).toEqual([]);
  });

  test('one at the same time as another like it', () => {
    const again = { ...at(5), eventId: 'other', position: 9 };
    expect(superfluous(values, [at(5)], again)).toEqual([again]);
    const three: Threshold = { type: 'temporal_ordered', parts: plain('a', 'b', 'c'), timespanMs: 10 };
    const twin = entry(9, 5, 'b');
    expect(superfluous(three, [entry(1, 5, 'b')], twin)).toEqual([twin]);
    expect(superfluous(three, [entry(1, 4, 'b'), entry(2, 6, 'b')], twin)).toEqual([]);
  });

  test('events that are counted are all needed, and so are values within a part', () => {
    const events: Threshold = { type: 'event_count', atLeast: 9, timespanMs: 10 };
    expect(superfluous(events, [at(0), at(2)], at(1))).toEqual([]);
    const within: Threshold = {
      type: 'temporal',
      parts: [{ label: '', count: { type: 'value_count', atLeast: 2, timespanMs: 10, fieldSlot: 0 } }],
      atLeast: 1,
      timespanMs: 10,
    };
    expect(superfluous(within, [at(0), at(2)], at(1))).toEqual([]);
  });

  test('so many may be held before it is a flood', () => {
    expect(mostHeld(values)).toBe(10_003);
    expect(mostHeld({ type: 'event_count', atLeast: 100_000, timespanMs: 1 })).toBe(110_000);
    const parts = [counted('a', 20, 5), ...plain('b')];
    expect(mostHeld({ type: 'temporal_ordered', parts, timespanMs: 1 })).toBe(10_021);
  });
});
