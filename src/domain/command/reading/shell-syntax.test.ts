import { expect, it } from 'vitest';
import { judgeErrors, lengthWithout, parseShell } from './shell-syntax.ts';

it.each([
  ['ls', false, false],
  ['ls )', true, false],
  ['"a', false, true],
  ["'a", false, true],
  ['$(a', false, true],
  ['a |', false, true],
  ['a &&', false, true],
  ['if a', false, true],
  ['if a; then', false, true],
  ['ls \\', false, true],
  ['ls \\\\', false, false],
  ['ls "\\', false, true],
  ['case a in', false, true],
  ['a; ; b', true, false],
  ['{ a', false, true],
  ['cat <<E', false, false],
  ['', false, false],
  ['  ', false, false],
  ['a > ', false, true],
  ['f()', false, true],
  ['for', false, true],
  ['do', true, false],
  ['fi', true, false],
] as const)('%j is broken: %s, incomplete: %s', (source, broken, incomplete) => {
  expect(parseShell(source)).toMatchObject({ broken, incomplete });
});

it.each([
  [undefined, false, false],
  [[], false, false],
  [[{ message: 'unterminated x', pos: 0 }], false, true],
  [[{ message: 'expected x', pos: 3 }], false, true],
  [[{ message: 'expected x', pos: 2 }], true, false],
  [[{ message: 'unexpected x', pos: 3 }], true, false],
  [
    [
      { message: 'unterminated', pos: 0 },
      { message: 'unexpected', pos: 0 },
    ],
    true,
    true,
  ],
] as const)('errors %j in "abc \\n" are judged', (errors, broken, incomplete) => {
  expect(judgeErrors(errors, 'abc \t\r\n')).toEqual({ broken, incomplete });
});

it.each([
  ['aab', 'b', 2],
  ['bbb', 'b', 0],
  ['', 'b', 0],
  ['ab \n', ' \n', 2],
  ['abc', 'ab', 3],
] as const)('%j without %j at the end is %i long', (text, characters, length) => {
  expect(lengthWithout(text, characters)).toBe(length);
});
