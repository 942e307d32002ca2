import { expect, it } from 'vitest';
import { weighSource } from './weigh-source.ts';

it.each([
  ['', 0],
  ['ls', 0],
  ['ls a', 2],
  ['ls\ta=b', 4],
  ['a;b', 6],
  ['a|b&c', 12],
  ['(a)', 24],
  ['$(a)', 30],
  ['`a`', 36],
  ['{a}', 24],
  ['[a]', 24],
  ['"a"', 12],
  ["'a'", 12],
  ['\\a', 6],
  ['a\nb', 6],
  ['*?', 12],
  ['é;', 6],
] as const)('%j weighs %i', (source, weight) => {
  expect(weighSource(source)).toBe(weight);
});

// 600 marks of 6: heavy enough to be looked at closely.
const heavy = ';'.repeat(600);

it.each([
  ["'…'", `'${heavy}'`, 6],
  ['"…"', `"${heavy}"`, 6],
  ['an open quotation', `'${heavy}`, 6],
  ['an escaped quote in one', `"\\"${heavy}"`, 6],
  ['a comment', `#${heavy}\nls`, 12],
  ['a here-document', `cat <<E\n${heavy}\nE\n`, 26],
  ['a quoted one', `cat <<'E'\n$(${heavy}\nE\n`, 38],
  ['one with tabs', `cat <<-E\n${heavy}\n\tE\nls`, 26],
  ['one that is open', `cat <<E\n${heavy}`, 26],
  ['two', `cat <<A <<B\n${heavy}\nA\n${heavy}\nB\nls;`, 46],
] as const)('%s is free of charge', (_, source, weight) => {
  expect(weighSource(source)).toBe(weight);
});

it.each([
  ['plain text', heavy, 3_600],
  ['a quotation with an expansion', `"$${heavy}"`, 3_618],
  ['a quotation with a substitution', `"\x60${heavy}"`, 3_630],
  ['a quote that is escaped', `\\'${heavy}`, 3_606],
  ['a number sign in a word', `a#${heavy}`, 3_606],
  ['what follows a quotation', `'${heavy}';${heavy}`, 3_612],
  ['a here-document with substitutions', `cat <<E\n$(${heavy}\nE\n`, 3_674],
  ['what only looks like a here-document', `$((1<<E))\n${heavy}\nE`, 3_678],
  ['a quotation behind a substitution', `$(';'${heavy})`, 3_648],
  ['a quotation with escapes', `$'${heavy}'`, 3_618],
] as const)('%s is not', (_, source, weight) => {
  expect(weighSource(source)).toBe(weight);
});

it('takes eight here-documents out of the count', () => {
  const document = `a <<E\n${';'.repeat(100)}\nE\n`;
  expect(weighSource(document.repeat(8))).toBe(8 * (2 + 12 + 6 + 6));
  expect(weighSource(document.repeat(9))).toBeGreaterThan(8 * 26 + 600);
});
