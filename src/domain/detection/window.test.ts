import { describe, expect, test } from 'vitest';
import type { Part, Threshold } from './firing-rule.ts';
import { crossing, type CountedEntry } from './window.ts';

/** `a3` is an entry of the part a at time 3; `x@3` counts the value x. */
function entries(text: string): readonly CountedEntry[] {
  return text
    .split(' ')
    .filter((one) => one !== '')
    .map((one, position) => {
      const value = /^(\w+)@(\d+)$/.exec(one);
      const label = /^([a-z]*)(\d+)$/.exec(one);
      return {
        eventId: `e${position}`,
        position,
        timeMs: Number(value?.[2] ?? label?.[2]),
        label: value === null ? (label?.[1] ?? '') : '',
        value: value?.[1] ?? null,
      };
    });
}

/** Whether the last entry of the text crosses with the others. */
function crosses(threshold: Threshold, text: string): boolean {
  const all = entries(text);
  const added = all.at(-1);
  if (added === undefined) throw new Error('no entry');
  return crossing(threshold, all.slice(0, -1), added) !== undefined;
}

const part = (label: string, count: Part['count'] = null): Part => ({ label, count });
const events = (atLeast: number, timespanMs = 10): Threshold => ({
  type: 'event_count',
  atLeast,
  timespanMs,
});
const values = (atLeast: number): Threshold => ({
  type: 'value_count',
  atLeast,
  timespanMs: 10,
  fieldSlot: 0,
});
const any = (atLeast: number, ...labels: readonly string[]): Threshold => ({
  type: 'temporal',
  atLeast,
  timespanMs: 10,
  parts: labels.map((label) => part(label)),
});
const ordered = (...labels: readonly string[]): Threshold => ({
  type: 'temporal_ordered',
  timespanMs: 10,
  parts: labels.map((label) => part(label)),
});
const many: Part = part('m', { type: 'event_count', atLeast: 3, timespanMs: 5 });
const chain: Threshold = { type: 'temporal_ordered', timespanMs: 10, parts: [many, part('s')] };

describe('crossing', () => {
  test.each<[string, Threshold, string, boolean]>([
    ['one of one', events(1, 0), '5', true],
    ['two at once', events(2, 0), '5 5', true],
    ['two apart', events(2, 0), '5 6', false],
    ['three, both bounds', events(3), '0 5 10', true],
    ['three, one behind', events(3), '0 5 11', false],
    ['three, in any order', events(3), '10 0 5', true],
    ['the window slides', events(3), '0 7 14 16', true],
    ['too few', events(3), '0 10', false],
    ['two values', values(2), 'x@0 x@1 x@2', false],
    ['two values', values(2), 'x@0 x@1 y@10', true],
    ['two values', values(2), 'x@0 y@11', false],
    ['a value leaves the window and comes back', values(3), 'x@0 y@1 x@9 z@11', true],
    ['a value leaves the window for good', values(3), 'x@0 y@5 z@11', false],
    ['all of two', any(2, 'a', 'b'), 'a0 b10', true],
    ['all of two', any(2, 'a', 'b'), 'b10 a0', true],
    ['all of two', any(2, 'a', 'b'), 'a0 b11', false],
    ['all of two', any(2, 'a', 'b'), 'a0 a5', false],
    ['two of three', any(2, 'a', 'b', 'c'), 'a0 c5', true],
    ['one of three', any(1, 'a', 'b', 'c'), 'c5', true],
    ['in order', ordered('a', 'b'), 'a0 b10', true],
    ['in order', ordered('a', 'b'), 'b10 a0', true],
    ['in order', ordered('a', 'b'), 'a0 b11', false],
    ['not in order', ordered('a', 'b'), 'b0 a5', false],
    ['equal times fit', ordered('a', 'b'), 'b5 a5', true],
    ['the latest beginning counts', ordered('a', 'b'), 'a0 a5 b15', true],
    ['three in order', ordered('a', 'b', 'c'), 'a0 b5 c10', true],
    ['three in order', ordered('a', 'b', 'c'), 'a0 c10 b5', true],
    ['three in order', ordered('a', 'b', 'c'), 'a0 b5 c11', false],
    ['three not in order', ordered('a', 'b', 'c'), 'b0 a1 c2', false],
    ['three, with a later beginning that comes too late', ordered('a', 'b', 'c'), 'a0 b1 a9 c10', true],
    ['three, with two beginnings of which the later is needed', ordered('a', 'b', 'c'), 'a0 a3 b4 c13', true],
    ['three at once', ordered('a', 'b', 'c'), 'c5 b5 a5', true],
    ['a full count, then another', chain, 'm0 m1 m5 s15', true],
    ['a full count, then another too late', chain, 'm0 m1 m5 s16', false],
    ['a count that is not full', chain, 'm0 m1 m6 s7', false],
    ['another before the count is full', chain, 'm0 m1 m5 s4', false],
    ['another as the count becomes full', chain, 'm0 m1 m5 s5', true],
    ['the last of the count comes last', chain, 's15 m5 m1 m0', true],
    ['the count is far longer than the window', chain, 'm0 m1 m5 m6 m7 s17', true],
  ])('%s: %j: %s', (_what, threshold, text, expected) => {
    expect(crosses(threshold, text)).toBe(expected);
  });

  test('gives what lies within reach, in order of time, the same event once', () => {
    const [far, late, early, added] = entries('50 8 2 5');
    if (far === undefined || late === undefined || early === undefined || added === undefined)
      throw new Error('too few');
    expect(crossing(events(3), [far, late, early, { ...added, position: 1 }], added)).toEqual([
      early,
      added,
      late,
    ]);
    expect(crossing(events(4), [far, late, early], added)).toBeUndefined();
  });
});
