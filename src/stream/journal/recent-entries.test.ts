import * as fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { packEvents } from './packed-events.ts';
import { RecentEntries } from './recent-entries.ts';

const event = (position: number): EventRecord =>
  makeEvent('tick', `id-${position}`, 0, { message: String(position) });

function addTo(recent: RecentEntries, first: number, count: number): void {
  const events = Array.from({ length: count }, (_, index) => event(first + index));
  recent.add(first, events, packEvents(events));
}

const positions = (recent: RecentEntries, after: number, limit: number): readonly number[] =>
  recent.after(after, limit).map(({ position }) => position);

describe('RecentEntries', () => {
  it('gives what follows without a gap, as it was stored, and says where it goes on', () => {
    using recent = new RecentEntries();
    addTo(recent, 1, 3);
    addTo(recent, 4, 2);
    addTo(recent, 9, 2);
    expect(positions(recent, 0, 100)).toEqual([1, 2, 3, 4, 5]);
    expect(positions(recent, 2, 2)).toEqual([3, 4]);
    expect(positions(recent, 5, 100)).toEqual([]);
    expect([0, 5, 8, 9, 10].map((at) => recent.nextAfter(at))).toEqual([1, 9, 9, 10, Infinity]);
    expect(recent.after(8, 1)).toMatchObject([{ position: 9, json: JSON.stringify(event(9)) }]);
    expect(recent.after(8, 1).map((entry) => entry.event)).toEqual([event(9)]);
  });

  it('never shows another event than the one at the position, whatever is added and read', () => {
    const steps = fc.array(fc.record({ gap: fc.nat(3), count: fc.integer({ min: 1, max: 4 }) }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(steps, fc.nat(60), fc.integer({ min: 1, max: 9 }), (some, after, limit) => {
        using recent = new RecentEntries({ bytes: 1_500, wholeBytes: 500, keptMs: 60_000 });
        const there = new Set<number>();
        let next = 1;
        for (const { gap, count } of some) {
          next += gap;
          addTo(recent, next, count);
          for (let index = 0; index < count; index += 1) there.add(next + index);
          next += count;
        }
        let expected = after + 1;
        for (const entry of recent.after(after, limit)) {
          expect(entry).toMatchObject({ position: expected, event: { message: String(expected) } });
          expect(there.has(expected)).toBe(true);
          expected += 1;
        }
        const beyond = recent.nextAfter(after);
        expect(beyond > after && (beyond === Infinity || there.has(beyond))).toBe(true);
      }),
    );
  });

  it('keeps events as objects for the newest only, and tells the same of those that it has as text', () => {
    using recent = new RecentEntries({ bytes: 10_000, wholeBytes: 500, keptMs: 60_000 });
    const published = event(1);
    recent.add(1, [published], packEvents([published]));
    const [entry] = recent.after(0, 1);
    expect(entry?.event).toBe(published);
    addTo(recent, 2, 10);
    expect(entry?.event).not.toBe(published);
    expect(entry?.event).toEqual(published);
    expect(entry?.event).toBe(entry?.event);
  });

  it('keeps no more than its limit, nothing that was trimmed, and nothing for long', () => {
    vi.useFakeTimers();
    try {
      using recent = new RecentEntries({ bytes: 2_000, wholeBytes: 1_000, keptMs: 1_000 });
      for (let position = 1; position <= 1_000; position += 1) addTo(recent, position, 1);
      const oldest = recent.nextAfter(0);
      expect(oldest).toBeGreaterThan(980);
      recent.forget(oldest);
      expect(recent.nextAfter(0)).toBe(oldest + 1);
      vi.advanceTimersByTime(1_001);
      expect(recent.nextAfter(0)).toBe(Infinity);
    } finally {
      vi.useRealTimers();
    }
  });
});
