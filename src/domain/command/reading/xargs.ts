import { literalField, type Field } from './field.ts';
import type { Inner } from './inner.ts';
import type { Stdin } from './read-state.ts';

/** Runs that are written out one by one. */
const MAX_RUNS = 16;

/**
 * The commands that `xargs` runs with what it reads: all words at once, and each by itself, as options say.
 * What it reads is often not known; then an argument is.
 */
export function withArguments(
  { fields, placeholder }: Extract<Inner, { runs: 'arguments' }>,
  stdin: Stdin,
): readonly (readonly Field[])[] {
  const [head] = fields;
  if (head === undefined) return [];
  const text = stdin.from === 'text' ? stdin.text : undefined;
  const pieces = piecesOf(text, placeholder === undefined ? /\s+/ : '\n');
  if (placeholder !== undefined && placeholder !== '') {
    return (pieces ?? [undefined]).map((piece) =>
      fields.map((field) => replaceIn(field, placeholder, piece)),
    );
  }
  if (pieces === undefined)
    return [[...fields, { ...head, text: '', certain: false, pattern: false, source: '…' }]];
  const words = pieces.map((piece) => literalField(piece.replaceAll(/["'\\]/g, ''), head));
  const alone = words.length > 1 ? words.map((word) => [...fields, word]) : [];
  return [[...fields, ...words], ...alone];
}

function piecesOf(text: string | undefined, between: RegExp | string): readonly string[] | undefined {
  const pieces = text?.split(between).filter((piece) => piece.trim() !== '');
  return pieces === undefined || pieces.length > MAX_RUNS ? undefined : pieces;
}

function replaceIn(field: Field, placeholder: string, piece: string | undefined): Field {
  if (!field.text.includes(placeholder)) return field;
  const text = field.text.replaceAll(placeholder, () => piece?.trim() ?? '');
  return { ...field, text, certain: field.certain && piece !== undefined, expanded: true };
}
