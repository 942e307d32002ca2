import { expect, it } from 'vitest';
import { roughPrograms } from './rough-programs.ts';

it.each([
  ['ls -l', [['ls', ['-l'], 0, 5]]],
  [
    'a; b',
    [
      ['a', [], 0, 1],
      ['b', [], 2, 4],
    ],
  ],
  [
    'a | b && c || d & e',
    [
      ['a', [], 0, 2],
      ['b', [], 3, 6],
      ['c', [], 8, 11],
      ['d', [], 13, 16],
      ['e', [], 17, 19],
    ],
  ],
  [
    '(a) {b} `c`',
    [
      ['a', [], 1, 2],
      ['b', [], 5, 6],
      ['c', [], 9, 10],
    ],
  ],
  [
    'a\nb',
    [
      ['a', [], 0, 1],
      ['b', [], 2, 3],
    ],
  ],
  [
    'if ls; then id',
    [
      ['ls', [], 0, 5],
      ['id', [], 6, 14],
    ],
  ],
  ['sudo su', [['su', [], 0, 7]]],
  ['if', [['if', [], 0, 2]]],
  ['env nohup ls', [['ls', [], 0, 12]]],
  ['"l"s -l', [['ls', ['-l'], 0, 7]]],
  ['/bin/ls', [['ls', [], 0, 7]]],
  ['a/', []],
  [';;', []],
  ['! su', [['su', [], 0, 4]]],
  ['not begin su x', [['su', ['x'], 0, 14]]],
  ['$X y', [['$X', ['y'], 0, 4]]],
] as const)('%s', (line, expected) => {
  const programs = roughPrograms(line);
  expect(programs.map(({ name, args, start, end }) => [name, args, start, end])).toEqual(expected);
  for (const program of programs) expect(program).toMatchObject({ nameIsPattern: false, uncertainArgs: [] });
});

it('takes 200 programs of a line, and 64 arguments of each', () => {
  expect(roughPrograms('a;'.repeat(300))).toHaveLength(200);
  expect(roughPrograms(`a ${'b '.repeat(100)}`)[0]?.args).toHaveLength(64);
});
