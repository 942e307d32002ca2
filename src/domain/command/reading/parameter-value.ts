import type { ParameterExpansionPart, ParameterOperation, Word } from 'unbash';
import { matchesWildcard } from '../matching/wildcard.ts';
import { decodeList } from './lists.ts';
import type { ReadState } from './read-state.ts';

/** Longer values are not cut and replaced in. */
const MAX_LENGTH = 96;

/** The value of a variable in the world that is looked at; undefined when it is not known. */
export function variableValue(name: string, state: ReadState): string | undefined {
  if (/^[1-9]$/.test(name)) return elementOf('@', Number(name) - 1, state);
  const meaning = meaningOf(name, state);
  // Nobody sets it: it splits words and is not empty, whatever else it holds.
  return meaning ?? (name === 'IFS' ? ' ' : undefined);
}

function meaningOf(key: string, state: ReadState): string | undefined {
  const meanings = state.bindings.get(key);
  if (meanings.length > 1) {
    state.worlds = Math.max(state.worlds, meanings.length);
    state.ambiguous = new Set(state.ambiguous).add(key);
  }
  return meanings[Math.min(state.world, meanings.length - 1)] ?? undefined;
}

/** All elements of an array (`a[@]`) or all parameters (`@`); null for one that is not known. */
export function listValue(key: string, state: ReadState): readonly (string | null)[] | undefined {
  const text = meaningOf(key, state);
  return text === undefined ? undefined : decodeList(text);
}

function elementOf(key: string, at: number, state: ReadState): string | undefined {
  const list = listValue(key, state);
  if (list === undefined) return undefined;
  const element = at < list.length ? list.at(at) : '';
  return element ?? undefined;
}

/** The key under which all values are kept that `$@`, `$*`, `$argv`, `${a[@]}` and `${a[*]}` stand for. */
export function listKey(parameter: string, index?: string): string | undefined {
  if (index === undefined) return /^(@|\*|argv)$/.test(parameter) ? '@' : undefined;
  return index === '@' || index === '*' ? `${parameter}[@]` : undefined;
}

const BLANKS = /[ \t\n]+/;

/** What splits a value into words: blanks, and whatever else `IFS` was set to. */
export function separators({ bindings }: ReadState): RegExp {
  if (bindings.isEmpty) return BLANKS;
  const others = bindings.get('IFS').flatMap((meaning) => Array.from(meaning ?? '').slice(0, 16));
  const characters = others
    .filter((char) => !/\s/.test(char))
    .map((char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
  return characters.length === 0 ? BLANKS : new RegExp(`[ \\t\\n${characters.join('')}]+`, 'u');
}

/** The value of `${…}` where it is simple enough to say (Bash manual 3.5.3). */
export function parameterValue(part: ParameterExpansionPart, state: ReadState): string | undefined {
  const { operation, prefix, index, parameter } = part;
  if (prefix === '#') return undefined;
  let value = singleValue(parameter, index, state);
  if (prefix === '!') value = value === undefined ? undefined : variableValue(value, state);
  if (operation === undefined) return value;
  if (operation.type === 'Default') {
    const operand = operation.operand.value;
    if (operation.operator.endsWith('=')) state.bindings.add(parameter, [operand]);
    // A value nobody set here counts as unset: the default is what the line shows it could be.
    if (operation.operator.endsWith('+')) return operand;
    return value === undefined || value === '' ? operand : value;
  }
  if (value === undefined || value.length > MAX_LENGTH) return undefined;
  state.budget -= value.length;
  return changed(value, operation);
}

/** The words of `${@:2}` and `${a[@]}`; undefined where something is done to each of them. */
export function parameterList(
  key: string,
  { operation, index }: ParameterExpansionPart,
  state: ReadState,
): readonly (string | null)[] | undefined {
  const list = listValue(key, state);
  if (operation?.type !== 'Slice') return operation === undefined ? list : undefined;
  if (list === undefined) return undefined;
  // Parameters are counted from one.
  const first = index === undefined ? 1 : 0;
  const range = rangeOf(operation.offset, operation.length, list.length + first);
  return range === undefined
    ? undefined
    : list.slice(Math.max(range.start - first, 0), Math.max(range.end - first, 0));
}

function singleValue(parameter: string, index: Word | undefined, state: ReadState): string | undefined {
  if (index === undefined) return variableValue(parameter, state);
  if (/^-?\d{1,4}$/.test(index.text)) return elementOf(`${parameter}[@]`, Number(index.text), state);
  return /^\w+$/.test(index.value) ? variableValue(`${parameter}[${index.value}]`, state) : undefined;
}

function changed(value: string, operation: ParameterOperation): string | undefined {
  switch (operation.type) {
    case 'Remove':
      return removed(value, operation.operator, plainText(operation.operand));
    case 'Replace':
      return replaced(
        value,
        operation.operator,
        plainText(operation.pattern),
        plainText(operation.replacement),
      );
    case 'Slice':
      return sliced(value, operation.offset, operation.length);
    case 'CaseModification':
      return operation.operand === undefined ? inCase(value, operation.operator) : undefined;
    case 'Transform':
      return /^[QEPAKa]$/.test(operation.operand.text) ? value : inCase(value, operation.operand.text);
    default:
      return undefined;
  }
}

/** Undefined for a word that is not written out in full. */
function plainText(word: Word): string | undefined {
  const isPlain = (word.parts ?? []).every(
    (part) =>
      (part.type === 'Glob' && part.kind !== 'bracket') ||
      (/^(Literal|SingleQuoted|AnsiCQuoted)$/.test(part.type) && !/[*?[\\]/.test(part.text.slice(1))),
  );
  return isPlain && !/[[\\]/.test(word.text) ? word.value : undefined;
}

function removed(value: string, operator: string, pattern: string | undefined): string | undefined {
  if (pattern === undefined) return undefined;
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length);
  if (operator.length === 2) lengths.reverse();
  const fromStart = operator.startsWith('#');
  for (const length of lengths) {
    const cut = fromStart ? value.slice(0, length) : value.slice(value.length - length);
    if (!matchesWildcard(pattern, cut)) continue;
    return fromStart ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

function replaced(
  value: string,
  operator: string,
  pattern: string | undefined,
  replacement: string | undefined,
): string | undefined {
  if (pattern === undefined || replacement === undefined || pattern === '' || /[*?]/.test(pattern))
    return undefined;
  switch (operator) {
    case '//':
      return value.replaceAll(pattern, () => replacement);
    case '/#':
      return value.startsWith(pattern) ? replacement + value.slice(pattern.length) : value;
    case '/%':
      return value.endsWith(pattern) ? value.slice(0, -pattern.length) + replacement : value;
    default:
      return value.replace(pattern, () => replacement);
  }
}

function sliced(value: string, offset: Word, length: Word | undefined): string | undefined {
  const range = rangeOf(offset, length, value.length);
  return range === undefined ? undefined : value.slice(range.start, range.end);
}

function rangeOf(
  offset: Word,
  length: Word | undefined,
  size: number,
): { readonly start: number; readonly end: number } | undefined {
  const from = Number(offset.text.trim().replace(/^\((.*)\)$/, '$1'));
  const count = length === undefined ? size : Number(length.text);
  if (!Number.isInteger(from) || !Number.isInteger(count)) return undefined;
  const start = Math.max(from < 0 ? size + from : from, 0);
  return { start, end: count < 0 ? Math.max(size + count, 0) : start + count };
}

function inCase(value: string, operator: string): string | undefined {
  const first = value.slice(0, 1);
  switch (operator) {
    case '^^':
    case 'U':
      return value.toUpperCase();
    case ',,':
    case 'L':
      return value.toLowerCase();
    case '^':
    case 'u':
      return first.toUpperCase() + value.slice(1);
    case ',':
      return first.toLowerCase() + value.slice(1);
    default:
      return undefined;
  }
}
