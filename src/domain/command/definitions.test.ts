import { describe, expect, it } from 'vitest';
import {
  definitionsAfter,
  eitherOf,
  MAX_MEANING_LENGTH,
  meaningsWhenUndefined,
  nameKey,
  NO_DEFINITIONS,
  sameMeanings,
  type Definitions,
  type Meanings,
} from './definitions.ts';
import { readCommand } from './reading/read-line.ts';

const plain = { commandsFromInput: false, unparsable: false };
const defines = (entries: Readonly<Record<string, Meanings>>): Parameters<typeof definitionsAfter>[1] => ({
  ...plain,
  defines: new Map(Object.entries(entries)),
});
const after = (...lines: readonly string[]): Definitions =>
  lines.reduce((before, line) => definitionsAfter(before, readCommand(line, before)), NO_DEFINITIONS);
const entries = (definitions: Definitions): Readonly<Record<string, Meanings>> =>
  Object.fromEntries(definitions.meanings);

describe('lines of a session', () => {
  it.each([
    [['alias x=sudo'], { 'alias x': ['sudo'] }],
    [['alias x=sudo', 'alias x=ls'], { 'alias x': ['ls'] }],
    [['alias x=sudo', 'unalias x'], {}],
    [['alias x=sudo y=ls', 'unalias -a'], {}],
    [['alias x sudo'], { 'alias x': ['sudo'] }],
    [['alias -g G="| su"'], { 'global G': ['| su'] }],
    [['alias -s txt=su'], { 'suffix txt': ['su'] }],
    [['abbr -a x su'], { 'alias x': ['su'] }],
    [['f() { su; }'], { 'function f': ['{ su; }'] }],
    [['function f { su; }', 'unset -f f'], {}],
    [['function f; su; end'], { 'function f': ['su'] }],
    [['hash -p /bin/su x'], { 'path x': ['/bin/su'] }],
    [['X=su'], { X: ['su'] }],
    [['X=su', 'X=ls'], { X: ['ls'] }],
    [['X=s', 'X+=u'], { X: ['su'] }],
    [['X=su', 'X=$(cat f)'], { X: ['su', null] }],
    [['X=su', 'X=$((1))'], {}],
    [['X=su', 'sleep 9; X=ls'], { X: ['su', 'ls'] }],
    [['X=su', 'false && X=ls'], { X: ['su', 'ls'] }],
    [['X=su', '(X=ls)'], { X: ['su', 'ls'] }],
    [['X=su', 'X=ls id'], { X: ['su', 'ls'] }],
    [['X=su', 'bash -c "X=ls"'], { X: ['su'] }],
    [['X=su', 'bash', 'X=ls'], { X: ['su', 'ls'] }],
    [['export X=su'], { X: ['su'] }],
    [['command export "X=su"'], { X: ['su'] }],
    [['ls -l'], {}],
  ] as const)('%j', (lines, expected) => {
    expect(entries(after(...lines))).toEqual(expected);
  });

  it('are the same object when a line defines nothing', () => {
    const before = after('X=1');
    expect(definitionsAfter(before, readCommand('ls', before))).toBe(before);
  });

  it('remember that another shell was started', () => {
    expect(after('ls').nested).toBe(false);
    expect(after('bash').nested).toBe(true);
    expect(after('bash', 'ls').nested).toBe(true);
  });
});

describe('what is not sure', () => {
  const before = definitionsAfter(NO_DEFINITIONS, defines({ X: ['su'], 'alias a': ['su'] }));
  it.each([
    ['not known to be read by a shell', defines({ X: ['ls'] }), false],
    ['not understood', { ...defines({ X: ['ls'] }), unparsable: true }, true],
  ] as const)('keeps what was: %s', (_, reading, sure) => {
    expect(definitionsAfter(before, reading, sure).meanings.get('X')).toEqual(['su', 'ls']);
  });

  it('keeps what was removed', () => {
    expect(definitionsAfter(before, defines({ 'alias a': [] }), false).meanings.get('alias a')).toEqual([
      'su',
    ]);
  });

  it('takes an environment into account', () => {
    expect(definitionsAfter(NO_DEFINITIONS, defines({ X: ['ls'] }), false).meanings.get('X')).toEqual([
      null,
      'ls',
    ]);
  });
});

describe('bounds', () => {
  const many = (kind: string, count: number): Readonly<Record<string, Meanings>> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${kind}n${index}`, ['x']]));

  it('of names: one more of those that stand for programs is said', () => {
    expect(definitionsAfter(NO_DEFINITIONS, defines(many('alias ', 512))).full).toBe(false);
    const over = definitionsAfter(NO_DEFINITIONS, defines(many('alias ', 513)));
    expect([over.full, over.meanings.size]).toEqual([true, 512]);
  });

  it('of names: a variable too many is simply not known', () => {
    const over = definitionsAfter(NO_DEFINITIONS, defines(many('', 513)));
    expect([over.full, over.meanings.size]).toEqual([false, 512]);
  });

  it('of characters', () => {
    const fits = definitionsAfter(NO_DEFINITIONS, defines({ 'alias a': ['x'.repeat(32_768 - 8)] }));
    expect([fits.full, fits.size]).toEqual([false, 32_768]);
    const over = definitionsAfter(NO_DEFINITIONS, defines({ 'alias a': ['x'.repeat(32_768 - 7)] }));
    expect([over.full, over.size, over.meanings.size]).toEqual([true, 0, 0]);
  });

  it('keep the meaning that was there, of a variable none', () => {
    const before = definitionsAfter(NO_DEFINITIONS, defines({ 'alias a': ['su'], X: ['su'] }));
    const long = 'x'.repeat(40_000);
    const over = definitionsAfter(before, defines({ 'alias a': [long], X: [long] }));
    expect(entries(over)).toEqual({ 'alias a': ['su'] });
    expect(over.size).toBe('alias a'.length + 3);
  });

  it('make every later line dynamic', () => {
    const over = definitionsAfter(NO_DEFINITIONS, defines(many('alias ', 513)));
    expect(readCommand('ls', over).dynamic).toBe(true);
    expect(readCommand('ls', after('X=1')).dynamic).toBe(false);
  });

  it('hold for any number of lines', () => {
    let definitions = NO_DEFINITIONS;
    for (let index = 0; index < 3_000; index += 1) {
      const line = `alias a${index}=${'y'.repeat(index % 50)} X${index}=${index} f${index}() { ls; }`;
      definitions = definitionsAfter(definitions, readCommand(line, definitions));
    }
    expect(definitions.meanings.size).toBeLessThanOrEqual(512);
    expect(definitions.size).toBeLessThanOrEqual(32_768);
    expect(definitions.full).toBe(true);
  });
});

describe('alternatives', () => {
  it.each([
    [[], ['a'], ['a']],
    [['a'], ['b'], ['a', 'b']],
    [['a', 'b'], ['a'], ['b', 'a']],
    [[null], [null], [null]],
    [
      ['1', '2', '3', '4'],
      ['5', '6', '7', '8'],
      ['1', '2', '3', '4', '5', '6', '7', '8'],
    ],
    [
      ['1', '2', '3', '4', '5'],
      ['6', '7', '8', '9'],
      [null, '3', '4', '5', '6', '7', '8', '9'],
    ],
    [
      [null, '1', '2', '3', '4'],
      ['5', '6', '7', '8'],
      [null, '2', '3', '4', '5', '6', '7', '8'],
    ],
  ] as const)('%j or %j', (earlier, later, expected) => {
    expect(eitherOf(earlier, later)).toEqual(expected);
  });

  it.each([
    [['a'], ['a'], true],
    [['a', 'b'], ['b', 'a'], true],
    [['a'], ['b'], false],
    [['a'], ['a', 'b'], false],
    [[], [], true],
  ] as const)('%j is %j: %j', (left, right, same) => {
    expect(sameMeanings(left, right)).toBe(same);
  });

  it('of a variable that nobody set are unknown, of other names there are none', () => {
    expect(meaningsWhenUndefined('X')).toEqual([null]);
    expect(meaningsWhenUndefined(nameKey('alias', 'x'))).toEqual([]);
  });
});

describe('a long meaning', () => {
  const value = (length: number): Meanings | undefined => after(`X=${'a'.repeat(length)}`).meanings.get('X');
  it('is kept up to a length', () => {
    expect(value(MAX_MEANING_LENGTH)).toEqual(['a'.repeat(MAX_MEANING_LENGTH)]);
    expect(value(MAX_MEANING_LENGTH + 1)).toBeUndefined();
  });
  it('of a function is not known beyond it', () => {
    const body = `{ ${'a'.repeat(MAX_MEANING_LENGTH)}; }`;
    const definitions = after(`f() ${body}`);
    expect(definitions.meanings.get('function f')).toEqual([null]);
    expect(readCommand('f', definitions).dynamic).toBe(true);
  });
});
