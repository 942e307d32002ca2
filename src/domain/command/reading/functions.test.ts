import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('functions', () => {
  it.each([
    ['f() { a; }', ['a'], ''],
    ['f() { a; }; f', ['a', 'f', 'a'], ''],
    ['f() { $1; }; f ls', ['f ls', 'ls'], 'd'],
    ['f() { shift; "$@"; }; f a ls', ['shift', 'f a ls', 'shift', 'ls'], 'd'],
    ['f() ( ls )', ['ls'], ''],
    ['function f { ls; }; f', ['ls', 'f', 'ls'], ''],
    ['f() { f; }; f', ['f', 'f', 'f', 'f', 'f'], 'd'],
    [
      'a() { b; }; b() { c; }; c() { d; }; d() { ls; }; a',
      ['b', 'c', 'd', 'ls', 'a', 'b', 'c', 'd', 'ls'],
      '',
    ],
    ['f() { ls; return; id; }; f', ['ls', 'return', 'id', 'f', 'ls', 'return', 'id'], ''],
    ['f() { ls; } > x', ['> x', 'ls'], ''],
    ['X=a; f() { X=b; }; ls $X', ['= X=a', '= X=b', 'ls a', 'ls b'], ''],
    ['X=a; f() { X=b; }; f; ls $X', ['= X=a', '= X=b', 'f', '= X=b', 'ls a', 'ls b'], ''],
  ] as const)('%s', (line, programs, said) => {
    expect(runs(line)).toEqual(programs);
    expect(flags(line)).toBe(said);
  });
});
