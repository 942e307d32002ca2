import { expect, test } from 'vitest';
import { placedBehind, unreadableLine } from './judged-line.ts';

const judged = (start: number, end: number) => ({
  ...unreadableLine('deny').judgement,
  span: { start, end },
});

test('a place in two lines is told in the second alone', () => {
  // `echo a \\` and `su -`, judged together: su stands at the start of the second line.
  const before = 'echo a \\\n';
  expect(placedBehind(before, judged(9, 13)).span).toEqual({ start: 0, end: 4 });
  expect(placedBehind('', judged(9, 13)).span).toEqual({ start: 9, end: 13 });
});

test('what began on the line before has its rest on this one, or nothing', () => {
  expect(placedBehind('sudo \\\n', judged(0, 9)).span).toEqual({ start: 0, end: 2 });
  expect(placedBehind('su; ls \\\n', judged(0, 2)).span).toBeNull();
});
