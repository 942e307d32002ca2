import { expect, it } from 'vitest';
import { mentionsHistory } from './history-expansion.ts';

it.each([
  ['!!', true],
  ['!su', true],
  ['sudo !!', true],
  ['!$', true],
  ['a!b', true],
  ['a !', false],
  ['a ! b', false],
  ['a !=b', false],
  ['!(x)', false],
  ["'!!'", false],
  ['"!!"', true],
  ['"a!"', false],
  ['"!" x', false],
  ['\\!!', false],
  ['a\\!b', false],
  ['^a^b', true],
  ['^a^b^', true],
  ['^^b', false],
  ['a^b^c', false],
  ['$!', false],
  ['${!x}', false],
  ['[!a]', false],
  ['! a', false],
  ['!\n', false],
  ["'a", false],
  ['echo hi!', false],
  ['x=!a', true],
  ['"\\"!a"', true],
  ['"it\'s !a"', true],
] as const)('%j: %s', (line, mentions) => {
  expect(mentionsHistory(line)).toBe(mentions);
});
