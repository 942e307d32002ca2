import { describe, expect, it } from 'vitest';
import { flags, runs } from '../testing/summary.ts';

describe('a command of the shell', () => {
  it.each([
    ['builtin export X=ls; $X', ['builtin export X=ls', 'export X=ls', 'ls']],
    ['command export X=ls; $X', ['command export X=ls', 'export X=ls', 'ls']],
    ['sudo export X=ls; ls $X', ['sudo export X=ls', 'export X=ls', 'ls $X']],
    ['env X=ls; ls $X', ['env X=ls', 'ls $X']],
    ['not export X=ls; $X', ['not export X=ls', 'export X=ls', 'ls']],
  ] as const)('changes the shell only when it is one: %s', (line, programs) => {
    expect(runs(line)).toEqual(programs);
  });

  it('may have another meaning itself', () => {
    expect(runs('export() { a; }; X=b; export X=c; ls $X').slice(-2)).toEqual(['ls b', 'ls c']);
  });
});

describe('a name that is not known', () => {
  it.each([
    ['$X', 'dc'],
    ['$X <<< a', 'd'],
    ['"$HOME"/bin/x', 'd'],
    ['$EDITOR f', 'dc'],
    ['$SHELL', 'dc'],
    ['echo a | $X', 'd'],
    ['cat f | $X', 'dc'],
  ] as const)('%s is %s', (line, said) => {
    expect(flags(line)).toBe(said);
  });

  it.each([
    ['$X su', ['su']],
    ['$X $Y su', ['su']],
    ['"$X" su', []],
    ['$PAGER su', []],
    ['"${EDITOR}" su', []],
  ] as const)('%s runs %j when it is empty', (line, programs) => {
    expect(runs(line)).toEqual(programs);
  });
});

describe('values that hang on what ran', () => {
  it('are tried one after the other', () => {
    expect(runs('X=a; b || X=c; $X; Y=$X; $Y')).toEqual([
      '= X=a',
      'b',
      '= X=c',
      'a',
      'c',
      '= Y=a',
      '= Y=c',
      'a',
      'c',
    ]);
  });

  it('make the line dynamic when they can be mixed', () => {
    const set = 'X=a Y=b; z || { X=c; Y=d; };';
    expect(flags(`${set} ls $X`)).toBe('');
    expect(flags(`${set} ls $X $Y`)).toBe('d');
  });
});

describe('exec without a command', () => {
  it.each([
    ['exec < f', 'd'],
    ['exec > g < f', 'd'],
    ['exec > f', ''],
    ['exec 2>&1', ''],
    ['exec ls < f', ''],
  ])('%s: %s', (line, said) => {
    expect(flags(line)).toBe(said);
  });
});

describe('what is printed', () => {
  it.each(['f() { echo ls; }; f | sh', 'hash -p /bin/echo e; e ls | sh', 'eval echo ls | sh'])(
    '%s: is known',
    (line) => {
      expect(runs(line).slice(-1)).toEqual(['ls']);
      expect(flags(line)).not.toContain('c');
    },
  );

  it.each([
    'echo() { cat x; }; echo ls | sh',
    'alias echo="cat x"; echo ls | sh',
    'X=ls; a || X=id; echo $X | sh',
    'hash -p /bin/cat echo; echo ls | sh',
    'ssh web02 echo ls | sh',
  ])('%s: is not known', (line) => {
    expect(runs(line).at(-1)).not.toMatch(/^(ls|id)$/);
    expect(flags(line)).toContain('c');
  });
});
