import { expect, test } from 'vitest';
import { markedLine } from './marked-line.ts';

test.each([
  ['sudo su -', 5, 9, 'sudo su -', '     ^^^^'],
  ['echo 猫; su', 8, 10, 'echo 猫; su', '         ^^'],
  ['a\nsu', 2, 4, String.raw`a\x0asu`, '     ^^'],
  ['su', 0, 2, 'su', '^^'],
  [String.raw`id; r\m x`, 4, 9, String.raw`id; r\m x`, '    ^^^^^'],
] as const)('%j is marked from %d to %d', (line, start, end, shown, marks) => {
  expect(markedLine(line, { start, end })).toEqual({ shown, marks });
});

test('a line without a part has no marks', () => {
  expect(markedLine('ls', null)).toEqual({ shown: 'ls', marks: '' });
});
