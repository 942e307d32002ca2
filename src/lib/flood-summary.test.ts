import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FloodSummary, type Summary } from './flood-summary.ts';

interface Entry {
  readonly source: string;
  readonly reason: string;
}

function setUp() {
  const one: Entry[] = [];
  const many: (Summary<Entry> & { source: string | null })[] = [];
  const summary = new FloodSummary<Entry>({
    perSource: 3,
    perWindow: 10,
    windowMs: 3_600_000,
    maxSources: 50,
    sourceOf: (entry) => entry.source,
    reasonOf: (entry) => entry.reason,
    tellOne: (entry) => one.push(entry),
    tellMany: (sum, source) => many.push({ ...sum, source }),
  });
  return { summary, one, many };
}

test('the first of a source are told one by one, the rest as one sum with its reasons', () => {
  const { summary, one, many } = setUp();
  for (let index = 0; index < 10; index += 1) {
    summary.add({ source: 'a', reason: index % 3 === 0 ? 'closed' : 'malformed' });
  }
  expect(one).toHaveLength(3);
  expect(many).toHaveLength(0);
  summary[Symbol.dispose]();
  expect(many).toMatchObject([{ source: 'a', count: 7, reasons: { closed: 3, malformed: 4 } }]);
});

test('a new window begins anew', () => {
  const { summary, one, many } = setUp();
  for (let window = 0; window < 3; window += 1) {
    for (let index = 0; index < 4; index += 1) summary.add({ source: 'a', reason: 'closed' });
    summary.flush();
  }
  expect(one).toHaveLength(9);
  expect(many.map((sum) => sum.count)).toEqual([1, 1, 1]);
});

test('nothing is unaccounted for, and what is told is bounded, whatever comes', () => {
  const entry = fc.record({
    source: fc.nat(1_000).map(String),
    reason: fc.constantFrom('closed', 'malformed', 'grace_time'),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 1_000 }), (entries) => {
      const { summary, one, many } = setUp();
      for (const each of entries) summary.add(each);
      summary.flush();
      const summed = many.reduce((total, sum) => total + sum.count, 0);
      const reasons = many
        .flatMap((sum) => Object.values(sum.reasons))
        .reduce((total, count) => total + count, 0);
      expect(one.length + summed).toBe(entries.length);
      expect(reasons).toBe(summed);
      expect(one.length).toBeLessThanOrEqual(10);
      expect(many.length).toBeLessThanOrEqual(51);
    }),
  );
});
