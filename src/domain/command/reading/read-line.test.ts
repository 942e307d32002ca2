import { describe, expect, it } from 'vitest';
import { definitionsAfter, NO_DEFINITIONS, type Definitions } from '../definitions.ts';
import { readCommand, UNREAD } from './read-line.ts';
import { flags, runs } from '../testing/summary.ts';

const after = (...lines: readonly string[]): Definitions =>
  lines.reduce((before, line) => definitionsAfter(before, readCommand(line, before)), NO_DEFINITIONS);

describe('a reading', () => {
  it('has no place behind the end of the line, whatever the parser counts', () => {
    for (const { end } of readCommand('su${\n\\').programs) expect(end).toBeLessThanOrEqual(6);
  });

  it('says what runs, where it stands, and what is not known', () => {
    expect(readCommand('sudo ls "$X" /b?n | cat')).toEqual({
      programs: [
        {
          name: 'sudo',
          args: ['ls', '"$X"', '/b?n'],
          start: 0,
          end: 17,
          nameIsPattern: false,
          uncertainArgs: [1, 2],
        },
        {
          name: 'ls',
          args: ['"$X"', '/b?n'],
          start: 5,
          end: 17,
          nameIsPattern: false,
          uncertainArgs: [0, 1],
        },
        { name: 'cat', args: [], start: 20, end: 23, nameIsPattern: false, uncertainArgs: [] },
      ],
      dynamic: false,
      unparsable: false,
      incomplete: false,
      unread: false,
      commandsFromInput: false,
      defines: new Map(),
    });
  });

  it.each([
    ['/bin/s?', 's?', true],
    ['/b?n/su', 'su', false],
    ['!su', 'su*', true],
    ['=su', 'su', false],
    ['=', '=', false],
    ['su', 'su', false],
  ] as const)('%s is called %s; a pattern: %s', (line, name, nameIsPattern) => {
    expect(readCommand(line).programs).toMatchObject([{ name, nameIsPattern }]);
  });

  it.each([
    ['a; bash -c "b; c"', [0, 1], [3, 17], [11, 17], [11, 17]],
    ['f() { a; }; f x', [6, 7], [12, 15], [12, 15]],
    ['echo b | sh', [0, 6], [9, 11], [9, 11]],
    ['x=a', [0, 3]],
    ['> f', [0, 3]],
  ] as const)('gives places: %s', (line, ...places) => {
    expect(readCommand(line).programs.map(({ start, end }) => [start, end])).toEqual(places);
  });

  it.each([
    ['ls\r\n', ['ls']],
    ['ls\n\n', ['ls']],
    ['a\rb', ['a', 'b']],
    ['a\u000Fb', ['a', 'b']],
    ['a\0b', ['ab']],
    ['', []],
  ] as const)('%j', (line, programs) => {
    expect(runs(line)).toEqual(programs);
  });
});

describe('bounds', () => {
  it('of length', () => {
    expect(readCommand(`'${'a'.repeat(65_534)}'`).unread).toBe(false);
    expect(readCommand(`'${'a'.repeat(65_535)}'`)).toBe(UNREAD);
  });

  it.each([
    // What these cost is measured; the numbers say that a person never gets there.
    ['words', (count: number) => 'a '.repeat(count), 5_607],
    ['commands', (count: number) => 'a;'.repeat(count), 662],
    ['quotations', (count: number) => '"a" '.repeat(count), 592],
    ['substitutions', (count: number) => '$(a)'.repeat(count), 248],
    ['assignments', (count: number) => 'a=b '.repeat(count), 851],
    ['redirections', (count: number) => '>a '.repeat(count), 1_490],
    ['programs in programs', (count: number) => `${'sudo '.repeat(count)}a`, 12],
    ['evaluations in evaluations', (count: number) => `${'eval '.repeat(count)}a`, 12],
  ] as const)('of %s', (_, line, most) => {
    expect(readCommand(line(most)).unread).toBe(false);
    expect(readCommand(line(most + 1)).unread).toBe(true);
    expect(readCommand(line(most + 1)).commandsFromInput).toBe(true);
  });

  it('of aliases and functions that are written out', () => {
    const calls = (count: number): string => `f() { a; }; ${'f;'.repeat(count)}`;
    expect(flags(calls(64))).toBe('');
    expect(flags(calls(65))).toBe('d');
    const uses = (count: number): string => `x;`.repeat(count);
    expect(flags(uses(64), after('alias x=a'))).toBe('');
    expect(flags(uses(65), after('alias x=a'))).toBe('d');
  });

  it('of a function that calls itself', () => {
    expect(runs('f', after('f() { a; f; }'))).toEqual(['f', 'a', 'f', 'a', 'f', 'a', 'f']);
    expect(flags('f', after('f() { a; f; }'))).toBe('d');
  });

  it('of loops over known values', () => {
    const loop = (count: number): string => `for i in ${'a '.repeat(count)}; do $i; done`;
    expect(runs(loop(16))).toEqual(Array.from({ length: 16 }, () => 'a'));
    expect(runs(loop(17))).toEqual([]);
    expect(flags(loop(17))).toBe('dc');
  });

  it('of alternatives of a variable', () => {
    const values = (count: number): string =>
      Array.from({ length: count }, (_, at) => `X=v${at}`).join(' || ');
    expect(runs(`${values(8)}; ls $X`).slice(8)).toEqual(Array.from({ length: 8 }, (_, at) => `ls v${at}`));
    expect(runs(`${values(9)}; ls $X`).slice(9)).toEqual([
      'ls $X',
      ...[2, 3, 4, 5, 6, 7, 8].map((at) => `ls v${at}`),
    ]);
  });

  it('of values: no word is longer than a line can be', () => {
    const doubled = `X=${'a'.repeat(8_000)}; ls ${'$X'.repeat(9)}`;
    expect(readCommand(doubled).programs[1]?.args[0]?.length).toBe(64_000);
    expect(readCommand(doubled).programs[1]?.uncertainArgs).toEqual([0]);
  });
});

describe('what another shell would make of a line', () => {
  it.each([
    ['if true; x su; end', ['true', 'ls su', 'x su', 'end']],
    ['x su )', ['ls su', 'x su', 'x su', 'ls su', 'x su']],
    ['for i (a) x', ['x', 'ls', 'x']],
  ] as const)('%s with an alias', (line, programs) => {
    const all = runs(line, after('alias x=ls'));
    for (const program of programs) expect(all).toContain(program);
  });

  it.each([
    ['f() { ls }', ['ls']],
    ['{ ls } always { id }', ['ls', 'id']],
    ['if a; then { ls } fi', ['a', 'ls']],
    ['{ ls }; { id }', ['ls', 'id']],
  ] as const)('%s: a brace closes where it stands', (line, programs) => {
    for (const program of programs) expect(runs(line)).toContain(program);
  });

  it.each(['echo "a }', '{ ls; }', 'echo a }'])('%s: it closes nothing', (line) => {
    expect(runs(line)).toHaveLength(1);
  });
});

describe('definitions', () => {
  it.each([
    [['alias x=sudo'], 'x su', ['sudo su', 'su', 'x su']],
    [['alias x=y', 'alias y=ls'], 'x', ['ls', 'y', 'x']],
    [['f() { "$@"; }'], 'f ls -l', ['f ls -l', 'ls -l']],
    [['f() { g "$1"; }', 'g() { "$1"; }'], 'f ls', ['f ls', 'g ls', 'ls']],
    [['X=ls'], '$X -l', ['ls -l']],
    [['set -- ls -l'], '"$@"', ['ls -l']],
    [['hash -p /bin/ls x'], 'x', ['x', 'ls']],
    [['alias x=ls'], 'sudo x', ['sudo x', 'x']],
    [['f() { ls; }'], 'sudo f', ['sudo f', 'f']],
    [['f() { ls; }'], 'command f', ['command f', 'f']],
    [['f() { ls; }'], 'and f', ['and f', 'f', 'ls']],
  ] as const)('%j make %s', (lines, line, programs) => {
    expect(runs(line, after(...lines))).toEqual(programs);
  });

  it('of something not known make a line dynamic', () => {
    expect(flags('x', after('alias x=$Y'))).toBe('d');
    expect(flags('f', after(`f() { ${'a'.repeat(9_000)}; }`))).toBe('d');
    expect(flags('x', after('hash -p $Y x'))).toBe('d');
  });
});
