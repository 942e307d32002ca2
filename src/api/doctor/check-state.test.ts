import { expect, test } from 'vitest';
import { checkDetection } from './check-state.ts';

const check = (position: number, problem: string | null, head: number): ReturnType<typeof checkDetection> =>
  checkDetection({ status: async () => ({ position, problem }) }, { head: async () => head });

test('detection that follows closely is well', async () => {
  expect(await check(90_000, null, 100_000)).toMatchObject({
    status: 'ok',
    detail: 'judged up to position 90000 of 100000',
  });
});

test('detection that is far behind means late responses', async () => {
  expect(await check(89_999, null, 100_000)).toMatchObject({ status: 'warning' });
});

test('detection that stands still is a failure, with its cause', async () => {
  expect(await check(100_000, 'no such table', 100_000)).toMatchObject({
    status: 'failure',
    detail: 'judged up to position 100000 of 100000; it stands still: no such table',
  });
});
