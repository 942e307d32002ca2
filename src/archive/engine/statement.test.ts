import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assignmentStatement, isAssignable, onlyReads, parseInsert } from './statement.ts';

describe('parseInsert', () => {
  test.each([
    ['INSERT INTO t FORMAT JSONEachRow', { table: 't', columns: undefined, format: 'JSONEachRow' }],
    ['insert into a.b (c, d)\nformat CSV;', { table: 'a.b', columns: ['c', 'd'], format: 'CSV' }],
    ['INSERT INTO t (c) VALUES (1)', undefined],
    ['INSERT INTO t SELECT 1', undefined],
    ['INSERT INTO t; DROP TABLE t FORMAT x', undefined],
    ['SELECT 1 FORMAT JSONEachRow', undefined],
  ])('%j', (sql, expected) => {
    expect(parseInsert(sql)).toEqual(expected);
  });
});

test.each([
  ['SELECT 1', true],
  [' \nwith x as (select 1) select * from x', true],
  ['SELECTION', false],
  ['INSERT INTO t SELECT 1', false],
  ['ALTER TABLE t DROP PARTITION 1', false],
  ['KILL QUERY WHERE 1', false],
])('%j only reads: %s', (sql, expected) => {
  expect(onlyReads(sql)).toBe(expected);
});

/** Reads the literals back by the engine's rules, written apart from what writes them. */
function readLiterals(sql: string): readonly string[] {
  const values: string[] = [];
  for (let at = sql.indexOf("'"); at !== -1; at = sql.indexOf("'", at + 1)) {
    let value = '';
    for (at += 1; sql[at] !== "'"; at += 1) {
      if (at >= sql.length) throw new Error('a literal does not end');
      if (sql[at] === '\\') {
        at += 1;
        value += sql[at] === '0' ? '\0' : sql[at];
      } else value += sql[at];
    }
    values.push(value);
  }
  return values;
}

test('a value can be nothing but a value', () => {
  const names = fc.stringMatching(/^[a-z_]{1,8}$/);
  const values = fc.string({
    unit: fc.oneof(fc.constantFrom("'", '\\', '\0', ';'), fc.string({ unit: 'binary', maxLength: 1 })),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(names, values), { minLength: 1 }), (pairs) => {
      const assignments = new Map(pairs);
      const sql = assignmentStatement(assignments);
      expect(readLiterals(sql)).toEqual([...assignments.values()]);
      expect(sql).not.toContain('\0');
    }),
  );
});

test.each(['', 'a b', 'a=1', "a'", 'a;', 'a-b', '1a', 'ä', 'a'.repeat(200)])('%j is no name', (name) => {
  expect(isAssignable(name)).toBe(false);
});
