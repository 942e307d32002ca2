import { expect, it } from 'vitest';
import { baseName, literalField } from './field.ts';

it.each([
  ['su', 'su'],
  ['/bin/su', 'su'],
  ['a/', ''],
  ['', ''],
] as const)('the base name of %j is %j', (path, name) => {
  expect(baseName(path)).toBe(name);
});

it('a literal is known', () => {
  expect(literalField('a b', { start: 1, end: 4 })).toEqual({
    text: 'a b',
    certain: true,
    pattern: false,
    expanded: false,
    mayVanish: false,
    content: undefined,
    source: 'a b',
    start: 1,
    end: 4,
  });
});
