import { expect, test } from 'vitest';
import { growingPauseMs } from './growing-pause.ts';

test('a pause doubles until it has reached its bound, and stays there', () => {
  const pauses = [1, 2, 3, 4, 5, 2_000].map((attempts) =>
    growingPauseMs(attempts, { firstMs: 250, longestMs: 1_500 }),
  );
  expect(pauses).toEqual([250, 500, 1_000, 1_500, 1_500, 1_500]);
});
