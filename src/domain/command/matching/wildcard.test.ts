import { expect, it } from 'vitest';
import { matchesWildcard } from './wildcard.ts';

it.each([
  ['a', 'a', true],
  ['a', 'b', false],
  ['a', 'ab', false],
  ['ab', 'a', false],
  ['*', '', true],
  ['*', 'abc', true],
  ['a*', 'a', true],
  ['a*', 'abc', true],
  ['a*', 'ba', false],
  ['*c', 'abc', true],
  ['*c', 'abd', false],
  ['a*c', 'abbc', true],
  ['a*c', 'abbd', false],
  ['?', 'a', true],
  ['?', '', false],
  ['?', 'ab', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['**', 'a', true],
  ['*a*', 'bab', true],
  ['*a*b', 'aab', true],
  ['*ab', 'aab', true],
  ['', '', true],
  ['', 'a', false],
  ['a**', 'a', true],
  ['*?', 'a', true],
  ['*?', '', false],
  ['a*b*c', 'axbxbc', true],
  ['a*b*c', 'axbx', false],
] as const)('%j and %j: %s', (pattern, text, matches) => {
  expect(matchesWildcard(pattern, text)).toBe(matches);
});

it('takes linear time where backtracking would not', () => {
  expect(matchesWildcard(`${'a*'.repeat(30)}b`, 'a'.repeat(10_000))).toBe(false);
});
