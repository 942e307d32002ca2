import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anchor, compileSigmaString, parseSigmaString } from './sigma-string.ts';

const matches = (pattern: string, text: string): boolean =>
  compileSigmaString(parseSigmaString(pattern))(text);

describe('escapes, as Sigma 2.1 has them', () => {
  test.each([
    ['a*', 'abc', true],
    ['a*', 'ba', false],
    ['*a', 'bca', true],
    ['*a*', 'bcade', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'abbc', false],
    [String.raw`a\*`, 'a*', true],
    [String.raw`a\*`, 'abc', false],
    [String.raw`a\?`, 'a?', true],
    [String.raw`C:\Windows\x`, String.raw`C:\Windows\x`, true],
    [String.raw`a\\*`, String.raw`a\bc`, true],
    [String.raw`a\\*`, 'abc', false],
    [String.raw`a\\\*`, String.raw`a\*`, true],
    [String.raw`a\\\*`, String.raw`a\b`, false],
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['*ab*ab', 'ab', false],
    ['*ab*ab', 'xabab', true],
    ['a.c', 'abc', false],
  ])('%s against %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });
});

test('anchoring adds wildcards only where there are none', () => {
  const contains = compileSigmaString(anchor(parseSigmaString('b'), 'contains'));
  expect([contains('abc'), contains('ac')]).toEqual([true, false]);
  expect(anchor(parseSigmaString('*b*'), 'contains')).toEqual(parseSigmaString('*b*'));
  expect(anchor(parseSigmaString('b'), 'startswith')).toEqual(parseSigmaString('b*'));
  expect(anchor(parseSigmaString('b'), 'endswith')).toEqual(parseSigmaString('*b'));
});

/** Slow and obvious: tries every way to spend the text. */
function oracle(pattern: string, text: string): boolean {
  const [head] = pattern;
  if (head === undefined) return text === '';
  if (head === '*') {
    for (let skip = 0; skip <= text.length; skip++)
      if (oracle(pattern.slice(1), text.slice(skip))) return true;
    return false;
  }
  return text !== '' && (head === '?' || head === text[0]) && oracle(pattern.slice(1), text.slice(1));
}

test('agrees with an exhaustive search', () => {
  const alphabet = fc.constantFrom('a', 'b', '*', '?');
  const short = fc.array(alphabet, { maxLength: 8 }).map((chars) => chars.join(''));
  const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(short, text, (pattern, subject) => {
      expect(matches(pattern, subject)).toBe(oracle(pattern, subject));
    }),
    { numRuns: 2000 },
  );
});

test('a pattern made to explode does not', () => {
  const started = performance.now();
  expect(matches('*a'.repeat(40) + 'b', 'a'.repeat(20_000))).toBe(false);
  expect(performance.now() - started).toBeLessThan(1000);
});
