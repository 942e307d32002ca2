import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Column, displayWidth, formatTable } from './table.ts';

interface Row {
  readonly a: string;
  readonly b: string | null;
}
const columns: readonly Column<Row>[] = [
  { title: 'A', cell: (row) => row.a },
  { title: 'B', cell: (row) => row.b },
];
const plain = { width: Number.POSITIVE_INFINITY, heading: (text: string): string => text };

test('columns stand under each other, also with wide characters; what is missing is a dash', () => {
  const table = formatTable(
    [
      { a: '李雷', b: 'x' },
      { a: 'b', b: null },
    ],
    columns,
    plain,
  );
  expect(table).toBe('A     B\n李雷  x\nb     -\n');
});

test('whatever is in it, a table has a line for each row and nothing that a terminal obeys', () => {
  const row = fc.record({ a: fc.string({ unit: 'binary' }), b: fc.string({ unit: 'binary' }) });
  const isHarmless = (rows: readonly Row[]): boolean => {
    const lines = formatTable(rows, columns, plain).split('\n');
    return lines.length === rows.length + 2 && !/[\p{Cc}\p{Cf}]/u.test(lines.join(''));
  };
  expect(fc.check(fc.property(fc.array(row, { maxLength: 5 }), isHarmless))).toMatchObject({ failed: false });
});

test('the last column is cut to the terminal, on whole characters', () => {
  const fits = (text: string, width: number): boolean =>
    formatTable([{ a: 'a', b: text }], columns, { ...plain, width })
      .trimEnd()
      .split('\n')
      .every((line) => displayWidth(line) <= width);
  expect(
    fc.check(fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 20, max: 60 }), fits)),
  ).toMatchObject({ failed: false });
});
