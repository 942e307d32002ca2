import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchStatement } from './search-statement.ts';

const anything = fc.string({ unit: 'binary', maxLength: 40 });
const query = fc.record(
  {
    text: anything,
    user: anything,
    type: anything,
    session: anything,
    asset: anything,
    address: anything,
    id: anything,
    realm: anything,
    types: fc.array(fc.constantFrom('login.failed' as const, 'tick' as const)),
    sinceMs: fc.double({ noNaN: true }),
    untilMs: fc.double({ noNaN: true }),
    limit: fc.double(),
  },
  { requiredKeys: ['limit'] },
);

test('nothing that is searched for becomes part of the statement', () => {
  fc.assert(
    fc.property(query, (fields) => {
      const { sql } = searchStatement(fields);
      expect(sql.replaceAll(/\{(\w+):(String|Array\(String\)|Int64|UInt32)\}/g, '')).toMatch(
        /^SELECT [\w, ]+ FROM portcullis\.events_v1 [\w ()=<>,.';:\\]*$/,
      );
    }),
  );
});

test('every parameter in the statement has a value, and no other has', () => {
  fc.assert(
    fc.property(query, (fields) => {
      const { sql, params } = searchStatement(fields);
      const named = [...sql.matchAll(/\{(\w+):/g)].map(([, name]) => name);
      expect(new Set(named)).toEqual(new Set(Object.keys(params)));
    }),
  );
});

test.each([
  [Number.NaN, 1],
  [-5, 1],
  [0, 1],
  [2.9, 2],
  [10_000, 10_000],
  [Number.POSITIVE_INFINITY, 10_000],
])('a limit of %d is %d', (limit, expected) => {
  expect(searchStatement({ limit }).params['limit']).toBe(expected);
});
