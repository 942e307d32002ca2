import { expect, test } from 'vitest';
import { seeded } from '../../test/testbed/seeds.ts';
import { sampleLines } from './sample.ts';

const files = new Map([
  ['a.ts', 1_000],
  ['b.ts', 1],
]);

test('a sample is about the share of the lines, and the same for the same seed', () => {
  const lines = sampleLines(files, 0.1, seeded(1));
  expect(lines.length).toBeGreaterThan(70);
  expect(lines.length).toBeLessThan(130);
  expect(sampleLines(files, 0.1, seeded(1))).toEqual(lines);
  expect(sampleLines(files, 0.1, seeded(2))).not.toEqual(lines);
});

test('all is every line, and nothing is none', () => {
  expect(sampleLines(new Map([['b.ts', 2]]), 1, seeded(1))).toEqual(['b.ts:1-1', 'b.ts:2-2']);
  expect(sampleLines(files, 0, seeded(1))).toEqual([]);
});
