import { expect, it } from 'vitest';
import { expandBraces } from './expand-braces.ts';

// As `printf '%s\n' WORD` of bash shows it, quotes and escapes left in.
it.each([
  ['a', ['a']],
  ['{a,b}', ['a', 'b']],
  ['{a}', ['{a}']],
  ['{a,b', ['{a,b']],
  ['a}', ['a}']],
  ['{a,b}{c,d}', ['ac', 'ad', 'bc', 'bd']],
  ['{a,{b,c}}', ['a', 'b', 'c']],
  ['x{a,b}y', ['xay', 'xby']],
  ['{a,,b}', ['a', '', 'b']],
  ['{,}', ['', '']],
  ['{}', ['{}']],
  ['{{a,b}', ['{a', '{b']],
  ['{a,b}}', ['a}', 'b}']],
  ["{'a,b',c}", ["'a,b'", 'c']],
  ['{"a,b",c}', ['"a,b"', 'c']],
  ['{a\\,b,c}', ['a\\,b', 'c']],
  ['{$(a,b),c}', ['$(a,b)', 'c']],
  ['{${a,b},c}', ['${a,b}', 'c']],
  ['{`a,b`,c}', ['`a,b`', 'c']],
  ['{1..3}', ['1', '2', '3']],
  ['{3..1}', ['3', '2', '1']],
  ['{1..10..4}', ['1', '5', '9']],
  ['{10..1..-4}', ['10', '6', '2']],
  ['{a..c}', ['a', 'b', 'c']],
  ['{c..a}', ['c', 'b', 'a']],
  ['{a..e..2}', ['a', 'c', 'e']],
  ['{1..a}', ['{1..a}']],
  ['{-1..1}', ['-1', '0', '1']],
  ['{1..1}', ['1']],
  ['{1..3..0}', ['1', '2', '3']],
  ['{01..03}', ['01', '02', '03']],
  ['\\{a,b}', ['\\{a,b}']],
  ['{a,b\\}', ['{a,b\\}']],
  ['{a..c}{1..2}', ['a1', 'a2', 'b1', 'b2', 'c1', 'c2']],
  ['${a,b}', ['${a,b}']],
  ['$(a){b,c}', ['$(a)b', '$(a)c']],
  ['"{a,b}"', ['"{a,b}"']],
  ['{a\\', ['{a\\']],
  ["'{a,b}", ["'{a,b}"]],
  ['{-01..1..1}', ['-01', '000', '001']],
  ['x{09..11}', ['x09', 'x10', 'x11']],
] as const)('%s', (word, expanded) => {
  expect(expandBraces(word)).toEqual(expanded);
});

it('writes out 128 alternatives and no more', () => {
  expect(expandBraces('{1..128}')).toHaveLength(128);
  expect(expandBraces('{1..129}')).toBeUndefined();
  expect(expandBraces('{a,b}'.repeat(5))).toHaveLength(32);
  expect(expandBraces('{a,b}'.repeat(12))).toBeUndefined();
});

it('reads words of 2048 characters and no longer', () => {
  expect(expandBraces('a'.repeat(2_048))).toHaveLength(1);
  expect(expandBraces('a'.repeat(2_049))).toBeUndefined();
});

it('gives up on braces that are no groups', () => {
  expect(expandBraces('{'.repeat(128))).toHaveLength(1);
  expect(expandBraces('{'.repeat(129))).toBeUndefined();
});
