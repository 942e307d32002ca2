import { describe, expect, test } from 'vitest';
import type { Threshold } from '../detection/firing-rule.ts';
import { crossing, type CountedEntry } from '../detection/window.ts';
import { advance, isQuiet, type EpisodeFacts, type KeyFacts } from './advance.ts';

const two: Threshold = { type: 'event_count', atLeast: 2, timespanMs: 1000 };
const entry = (position: number, timeMs = position, more: Partial<CountedEntry> = {}): CountedEntry => ({
  eventId: `e${position}`,
  position,
  timeMs,
  label: '',
  value: null,
  ...more,
});
const key = (...entries: readonly CountedEntry[]): KeyFacts => ({ firedPosition: null, entries });
const open: EpisodeFacts = { episode: 3, openedPosition: 10, endPosition: null, previousEndPosition: 5 };
const ended: EpisodeFacts = { ...open, endPosition: 20 };

describe('advance', () => {
  test('keeps what does not cross', () => {
    expect(advance(two, null, key(), entry(1))).toEqual({ keep: true, drop: [], attachTo: null, fire: null });
  });

  test('opens the first episode at the crossing', () => {
    expect(advance(two, null, key(entry(1)), entry(2)).fire).toMatchObject({
      episode: 1,
      opens: true,
      responds: true,
    });
  });

  test('attaches to an open episode in which the rule has fired', () => {
    const fired = { firedPosition: 10, entries: [] };
    expect(advance(two, open, fired, entry(11))).toEqual({ keep: false, drop: [], attachTo: 3, fire: null });
  });

  test('lets another rule of the family fire in the same episode, with what it had counted before', () => {
    expect(advance(two, open, key(entry(9)), entry(11)).fire).toMatchObject({
      episode: 3,
      opens: false,
      responds: true,
    });
  });

  test('a fire of an earlier episode is no reason to be silent in this one', () => {
    const before = { firedPosition: 4, entries: [entry(9)] };
    expect(advance(two, open, before, entry(11)).fire).toMatchObject({ episode: 3 });
  });

  test('what came before the end of the last episode never counts', () => {
    expect(advance(two, ended, key(entry(20)), entry(21)).fire).toBeNull();
    expect(advance(two, ended, key(entry(21)), entry(22)).fire).toMatchObject({ episode: 4, opens: true });
    expect(advance(two, open, key(entry(5)), entry(11)).fire).toBeNull();
  });

  test('what is read late still belongs to the episode it lies in, and is not acted upon any more', () => {
    const fired = { firedPosition: 10, entries: [] };
    expect(advance(two, ended, fired, entry(20))).toEqual({ keep: false, drop: [], attachTo: 3, fire: null });
    expect(advance(two, ended, key(entry(12)), entry(20)).fire).toMatchObject({
      episode: 3,
      opens: false,
      responds: false,
    });
  });
});

describe('crossing', () => {
  test('both bounds belong to the window', () => {
    expect(crossing(two, [entry(1, 0)], entry(2, 1000))).toHaveLength(2);
    expect(crossing(two, [entry(1, 0)], entry(2, 1001))).toBeUndefined();
    expect(crossing(two, [entry(1, 1000)], entry(2, 0))).toHaveLength(2);
  });

  test('the same event twice is one event', () => {
    expect(crossing(two, [entry(1)], entry(1))).toBeUndefined();
  });

  test('in order means in order, and equal times fit either way', () => {
    const ordered: Threshold = {
      type: 'temporal_ordered',
      parts: [
        { label: 'a', count: null },
        { label: 'b', count: null },
      ],
      timespanMs: 1000,
    };
    const a = (time: number) => entry(1, time, { label: 'a' });
    const b = (time: number) => entry(2, time, { label: 'b' });
    expect(crossing(ordered, [a(1)], b(2))).toBeDefined();
    expect(crossing(ordered, [a(2)], b(1))).toBeUndefined();
    expect(crossing(ordered, [b(2)], a(2))).toBeDefined();
    expect(crossing(ordered, [a(0)], b(1001))).toBeUndefined();
  });
});

test('quiet is quiet for so long and uncontained', () => {
  expect(isQuiet(0, 999, 1000, false)).toBe(false);
  expect(isQuiet(900, 1800, 1000, false)).toBe(false);
  expect(isQuiet(900, 1900, 1000, false)).toBe(true);
  expect(isQuiet(0, 1000, 1000, false)).toBe(true);
  expect(isQuiet(0, 1000, 1000, true)).toBe(false);
});
