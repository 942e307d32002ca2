import { expect, test } from 'vitest';
import { neighbours, PageQuery } from './paging.ts';

const URL_TEXT = 'https://gate.test/api/v1/users/users/?limit=2&offset=2&search=a%20b';

test.each([
  [{ offset: 0, limit: 2, count: 5 }, '?limit=2&offset=2&search=a+b', null],
  [{ offset: 2, limit: 2, count: 5 }, '?limit=2&offset=4&search=a+b', '?limit=2&search=a+b'],
  [{ offset: 4, limit: 2, count: 5 }, null, '?limit=2&offset=2&search=a+b'],
  [{ offset: 1, limit: 2, count: 2 }, null, '?limit=2&search=a+b'],
  [{ offset: 0, limit: 2, count: 2 }, null, null],
])('around %j', (page, next, previous) => {
  const search = (text: string | null): string | null => (text === null ? null : new URL(text).search);
  const found = neighbours(new URL(URL_TEXT), page);
  expect([search(found.next), search(found.previous)]).toEqual([next, previous]);
});

test('offset alone is no page', () => {
  expect(PageQuery.parse({ offset: '3' })).toEqual({ offset: 3 });
  expect(PageQuery.safeParse({ limit: '0' }).success).toBe(false);
});
