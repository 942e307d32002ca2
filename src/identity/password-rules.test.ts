import { expect, test } from 'vitest';
import { passwordProblem } from './password-rules.ts';

test.each([
  ['correct horse', undefined],
  ['密码密码一二三四五六七八', undefined],
  ['alice is my name, really', undefined],
  ['short', 'too_short'],
  // Twelve UTF-16 units, six characters.
  ['😀😃😄😁😆😅', 'too_short'],
  ['aaaaaaaaaaaaaaaa', 'too_simple'],
  ['abababababababab', 'too_simple'],
  ['alicealicealice1', 'is_name'],
  ['ALICE-alice-12', 'is_name'],
  ['x'.repeat(1025), 'too_long'],
])('%s: %s', (password, problem) => {
  expect(passwordProblem(password, 'Alice')).toBe(problem);
});
