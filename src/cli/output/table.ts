import { printable } from '#lib/printable.ts';

export interface Column<T> {
  readonly title: string;
  /** What the cell shows. It may hold anything somebody typed: it is made safe here. */
  readonly cell: (item: T) => string | number | null | undefined;
}

export interface TableStyle {
  /** Columns of the terminal; the last column is cut to fit. */
  readonly width: number;
  readonly heading: (text: string) => string;
}

const GAP = '  ';
const LONGEST_CELL = 2_000;
const NARROWEST_LAST = 10;

export function formatTable<T>(
  items: readonly T[],
  columns: readonly Column<T>[],
  style: TableStyle,
): string {
  const rows = items.map((item) =>
    columns.map(({ cell }) => printable(String(cell(item) ?? '-'), LONGEST_CELL)),
  );
  const widths = columns.map(({ title }, index) =>
    Math.max(displayWidth(title), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0);
  const last = Math.max(NARROWEST_LAST, style.width - before);
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) =>
        index === cells.length - 1
          ? cut(cell, last)
          : cell + ' '.repeat((widths[index] ?? 0) - displayWidth(cell)),
      )
      .join(GAP);
  const heading = style.heading(line(columns.map(({ title }) => title)));
  return `${[heading, ...rows.map(line)].join('\n')}\n`;
}

/** East Asian wide and fullwidth characters take two columns (UAX #11). */
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;

export function displayWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += WIDE.test(letter) ? 2 : /\p{M}/u.test(letter) ? 0 : 1;
  return width;
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  let used = 1;
  for (const letter of text) {
    used += displayWidth(letter);
    if (used > width) break;
    kept += letter;
  }
  return `${kept}…`;
}
