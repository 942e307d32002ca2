import { expect, it } from 'vitest';
import { literalField, type Field } from './field.ts';
import { optionSpec } from './prefix-wrappers.ts';
import { optionValue, scanOptions, type OptionSpec } from './skip-options.ts';

const fields = (text: string): readonly Field[] =>
  text === '' ? [] : text.split(' ').map((word) => literalField(word, { start: 0, end: 0 }));
const plain = optionSpec();
const spec = optionSpec('uC', ['user', 'chdir', 'login-class']);

const scanned = (line: string, by: OptionSpec): readonly unknown[] => {
  const { options, operands, rest } = scanOptions(fields(line), by);
  return [
    options.map(({ name, value }) => (value === undefined ? name : `${name} ${value.text}`)),
    operands.map(({ text }) => text),
    rest.map(({ text }) => text),
  ];
};

it.each([
  ['', plain, [[], [], []]],
  ['ls -l', plain, [[], [], ['ls', '-l']]],
  ['-x ls', plain, [['-x'], [], ['ls']]],
  ['-xy ls', plain, [['-x', '-y'], [], ['ls']]],
  ['-- ls', plain, [[], [], ['ls']]],
  ['-- -x', plain, [[], [], ['-x']]],
  ['- ls', plain, [[], [], ['-', 'ls']]],
  ['--long ls', plain, [['--long'], [], ['ls']]],
  ['--long=a ls', plain, [['--long a'], [], ['ls']]],
  ['-u a ls', spec, [['-u a'], [], ['ls']]],
  ['-ua ls', spec, [['-u a'], [], ['ls']]],
  ['-xua ls', spec, [['-x', '-u a'], [], ['ls']]],
  ['-xu a ls', spec, [['-x', '-u a'], [], ['ls']]],
  ['-u', spec, [['-u'], [], []]],
  ['--user a ls', spec, [['--user a'], [], ['ls']]],
  ['--user=a ls', spec, [['--user a'], [], ['ls']]],
  ['--us a ls', spec, [['--user a'], [], ['ls']]],
  ['--us=a ls', spec, [['--user a'], [], ['ls']]],
  ['--login ls', spec, [['--login'], [], ['ls']]],
  ['--login- a ls', spec, [['--login-class a'], [], ['ls']]],
  ['--other ls', spec, [['--other'], [], ['ls']]],
  ['5 ls a', optionSpec('', [], 1), [[], ['5'], ['ls', 'a']]],
  ['-x 5 -y ls', optionSpec('', [], 1), [['-x', '-y'], ['5'], ['ls']]],
  ['A=1 ls', plain, [[], [], ['A=1', 'ls']]],
  ['A=1 B+=2 -x ls C=3', optionSpec('', [], 0, true), [['-x'], [], ['ls', 'C=3']]],
  ['1A=1 ls', optionSpec('', [], 0, true), [[], [], ['1A=1', 'ls']]],
] as const)('%s', (line, by, expected) => {
  expect(scanned(line, by)).toEqual(expected);
});

it('passes over an expansion that may be nothing, or options', () => {
  const [command] = fields('ls');
  const empty = { ...literalField('', { start: 0, end: 0 }), certain: false, mayVanish: true };
  expect(scanOptions([empty, command ?? empty], plain).rest.map(({ text }) => text)).toEqual(['ls']);
  expect(scanOptions([{ ...empty, mayVanish: false }], plain).rest).toHaveLength(1);
});

it('gives the first of the named options', () => {
  const scan = scanOptions(fields('-C d -u a -u b x'), spec);
  expect(optionValue(scan, ['-u', '--user'])?.text).toBe('a');
  expect(optionValue(scan, ['-x'])).toBeUndefined();
});
