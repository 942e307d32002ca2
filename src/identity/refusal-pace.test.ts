import { expect, test } from 'vitest';
import { refusalMoment, waitToRefuse } from './refusal-pace.ts';

test.each([
  [0, 200],
  [31, 200],
  [200, 200],
  [200.1, 300],
  [300, 300],
  [1_234, 1_300],
])('work of %d ms is answered %i ms after the request', (workMs, expected) => {
  expect(refusalMoment(workMs)).toBe(expected);
});

test('who has left is not waited for', async () => {
  const before = performance.now();
  await waitToRefuse(before, AbortSignal.abort());
  expect(performance.now() - before).toBeLessThan(150);
});
