import type { JsonValue } from '#lib/json.ts';

/**
 * When a field has a value, read off the Sigma specification slowly and obviously: wildcards by trying every
 * way, every list by trying every element. Shares nothing with the engine but the type of a JSON value.
 */
export interface OracleItem {
  readonly modifiers: readonly string[];
  readonly values: readonly (string | number | boolean | null)[];
}

/** @param other the field that `fieldref` names, whatever the value says */
export function oracleMatches(
  { modifiers, values }: OracleItem,
  actual: JsonValue | undefined,
  other: JsonValue | undefined,
): boolean {
  const one = (value: OracleItem['values'][number]): boolean => hasValue(modifiers, value, actual, other);
  const found = modifiers.includes('all') ? values.every(one) : values.some(one);
  return modifiers.includes('neq') ? !found : found;
}

function hasValue(
  modifiers: readonly string[],
  value: OracleItem['values'][number],
  actual: JsonValue | undefined,
  other: JsonValue | undefined,
): boolean {
  if (modifiers.includes('exists')) return (actual !== undefined) === value;
  if (value === null) return actual === undefined || actual === null;
  return scalars(actual).some((scalar) => {
    if (modifiers.includes('fieldref'))
      return scalars(other).some((right) => compareTexts(modifiers, String(scalar), String(right)));
    if (['lt', 'lte', 'gt', 'gte'].some((name) => modifiers.includes(name)))
      return compareNumbers(modifiers, scalar, value);
    if (modifiers.includes('cidr')) return isInRange(String(scalar), String(value));
    if (modifiers.includes('re')) return new RegExp(String(value), flagsOf(modifiers)).test(String(scalar));
    return fits(modifiers, String(value), String(scalar));
  });
}

type Scalar = string | number | boolean;

function scalars(value: JsonValue | undefined): readonly Scalar[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).filter(isScalar);
  return value !== undefined && isScalar(value) ? [value] : [];
}

function isScalar(value: JsonValue): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function flagsOf(modifiers: readonly string[]): string {
  return ['i', 'm', 's'].filter((flag) => modifiers.includes(flag)).join('');
}

function compareTexts(modifiers: readonly string[], left: string, right: string): boolean {
  const [a, b] = modifiers.includes('cased') ? [left, right] : [left.toLowerCase(), right.toLowerCase()];
  for (let from = 0; from <= a.length; from++)
    for (let to = from; to <= a.length; to++)
      if (a.slice(from, to) === b && isPlaceAllowed(modifiers, from, to, a.length)) return true;
  return false;
}

function isPlaceAllowed(modifiers: readonly string[], from: number, to: number, length: number): boolean {
  const freeBefore = modifiers.includes('contains') || modifiers.includes('endswith');
  const freeBehind = modifiers.includes('contains') || modifiers.includes('startswith');
  return (freeBefore || from === 0) && (freeBehind || to === length);
}

function compareNumbers(modifiers: readonly string[], actual: Scalar, limit: Scalar): boolean {
  const left = asNumber(actual);
  const right = asNumber(limit);
  if (left === null || right === null) return false;
  if (modifiers.includes('lt')) return left < right;
  if (modifiers.includes('lte')) return left <= right;
  return modifiers.includes('gt') ? left > right : left >= right;
}

function asNumber(value: Scalar): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number.parseFloat(value) : null;
}

/** One place of a pattern: a set of characters, or a wildcard. */
type Token = '*' | '?' | readonly string[];

const DASHES = ['-', '/', '\u2013', '\u2014', '\u2015'];

function fits(modifiers: readonly string[], pattern: string, text: string): boolean {
  let tokens = tokenize(pattern);
  if (modifiers.includes('windash')) tokens = tokens.map((token, index) => anyDash(token, tokens, index));
  if (modifiers.includes('contains') || modifiers.includes('endswith')) tokens = ['*', ...tokens];
  if (modifiers.includes('contains') || modifiers.includes('startswith')) tokens = [...tokens, '*'];
  const cased = modifiers.includes('cased');
  const lowered = tokens.map((token): Token =>
    typeof token === 'string' || cased ? token : token.map((one) => one.toLowerCase()),
  );
  return spend(lowered, Array.from(cased ? text : text.toLowerCase()));
}

/**
 * A run of backslashes before a wildcard stands for half as many, and an odd one makes the wildcard plain; a
 * run before anything else stands for half as many, rounded up.
 */
function tokenize(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let rest = pattern; rest !== '';) {
    const run = /^\\*/.exec(rest)?.[0].length ?? 0;
    const [next] = Array.from(rest.slice(run));
    const isWildcard = next === '*' || next === '?';
    const plain = isWildcard ? Math.floor(run / 2) : Math.ceil(run / 2);
    for (let count = 0; count < plain; count++) tokens.push(['\\']);
    if (next !== undefined) tokens.push(isWildcard && run % 2 === 0 ? next : [next]);
    rest = rest.slice(run + (next?.length ?? 0));
  }
  return tokens;
}

function anyDash(token: Token, tokens: readonly Token[], index: number): Token {
  const isWord = (one: Token | undefined): boolean =>
    typeof one === 'object' && /^[\p{L}\p{N}_]$/u.test(one[0] ?? '');
  const [character] = token;
  const isDash = typeof token === 'object' && DASHES.includes(character ?? '');
  return isDash && !isWord(tokens[index - 1]) && isWord(tokens[index + 1]) ? DASHES : token;
}

/** Tries every way to spend the text. */
function spend(tokens: readonly Token[], text: readonly string[]): boolean {
  const [token, ...rest] = tokens;
  if (token === undefined) return text.length === 0;
  if (token === '*')
    return Array.from({ length: text.length + 1 }, (_unused, skip) => skip).some((skip) =>
      spend(rest, text.slice(skip)),
    );
  const [character, ...others] = text;
  return character !== undefined && (token === '?' || token.includes(character)) && spend(rest, others);
}

function isInRange(text: string, range: string): boolean {
  const [base = '', prefix = ''] = range.split('/');
  const address = bits(text);
  const wanted = bits(base);
  const length = Number(prefix);
  return (
    address !== null &&
    wanted !== null &&
    address.length === wanted.length &&
    address.slice(0, length) === wanted.slice(0, length)
  );
}

/** The address as so many zeros and ones. Knows dotted IPv4, and IPv6 with one `::` or none. */
function bits(text: string): string | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts !== undefined)
    return parts.every((part) => part < 256)
      ? parts.map((part) => part.toString(2).padStart(8, '0')).join('')
      : null;
  if (!/^[0-9a-f:]+$/i.test(text) || !text.includes(':')) return null;
  const [head = '', tail] = text.split('::');
  const groups = (side: string): readonly string[] => (side === '' ? [] : side.split(':'));
  const before = groups(head);
  const behind = groups(tail ?? '');
  const middle = Array.from(
    { length: tail === undefined ? 0 : 8 - before.length - behind.length },
    () => '0',
  );
  const all = [...before, ...middle, ...behind];
  if (all.length !== 8) return null;
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}
