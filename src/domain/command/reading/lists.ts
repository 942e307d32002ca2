import { MAX_MEANING_LENGTH } from '../definitions.ts';

/** Stands between the elements of a list where it is kept as one text, and for one that is not known. */
const BETWEEN = '\u001F';
const NOT_KNOWN = '\u0001';

/** The elements of an array or all parameters as one text; null when that is too long to be kept. */
export function encodeList(elements: readonly (string | null)[]): string | null {
  const text = elements.map((element) => element ?? NOT_KNOWN).join(BETWEEN);
  return text.length > MAX_MEANING_LENGTH ? null : text;
}

export function decodeList(text: string): readonly (string | null)[] {
  if (text === '') return [];
  return text.split(BETWEEN).map((element) => (element === NOT_KNOWN ? null : element));
}
