import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '#lib/json.ts';
import { firstJsonObject, isKeepable, parsePointer, readPointer } from './json-object.ts';

const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }));

test('finds the object whatever stands before and behind it', () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes('{')),
      object,
      fc.string(),
      (before, value, behind) => {
        const text = JSON.stringify(value);
        expect(firstJsonObject(`${before}${text}${behind}`)).toEqual(JSON.parse(text));
      },
    ),
  );
});

test('never throws, and gives nothing but what JSON.parse gives for some part of the text', () => {
  const noise = fc.array(fc.constantFrom('{', '}', '"', '\\', ':', ',', '[', ']', 'a', ' ', '1'), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(noise, (parts) => {
      const text = parts.join('');
      const found = firstJsonObject(text);
      // The oracle: every part that begins with a brace and is an object.
      const all = [...text.matchAll(/\{/g)].flatMap(({ index }) =>
        [...text.matchAll(/\}/g)].flatMap((end) => {
          try {
            return [JSON.stringify(JSON.parse(text.slice(index, end.index + 1)))];
          } catch {
            return [];
          }
        }),
      );
      expect(found === undefined || all.includes(JSON.stringify(found))).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

test.each<[string, string, JsonObject | undefined]>([
  ['the first of two', '{"a": 1} {"a": 2}', { a: 1 }],
  ['behind braces that are none', 'set {x} and {y: {"a": 1}', { a: 1 }],
  [
    'nothing of one that is cut off, though it holds a whole one',
    '{"user": "alice", "x": {"user": "admin"}',
    undefined,
  ],
  ['nothing of one that is broken, but the next', '{"x": {"user": "admin"} y} {"a": 1}', { a: 1 }],
  ['braces inside strings', '{"a": "}{", "b": "\\"}"}', { a: '}{', b: '"}' }],
  ['a list is no object', '[1, 2]', undefined],
])('%s', (_name, text, expected) => {
  expect(firstJsonObject(text)).toEqual(expected);
});

test('a text of a million braces is given up at once', () => {
  expect(firstJsonObject('{'.repeat(1_000_000))).toBeUndefined();
  expect(firstJsonObject('{"a":'.repeat(200_000))).toBeUndefined();
});

describe('pointers', () => {
  test.each<[string, readonly string[] | undefined]>([
    ['', []],
    ['/a/b', ['a', 'b']],
    ['/a~1b/~0', ['a/b', '~']],
    ['/"a"/"b/c"', ['a', 'b/c']],
    ['/', ['']],
    ['a', undefined],
    ['/~2', undefined],
  ])('%s', (pointer, keys) => {
    expect(parsePointer(pointer)).toEqual(keys);
  });

  test('reach own properties only', () => {
    const root = JSON.parse('{"a": [10, {"b": null}], "__proto__": {"x": 1}}') as JsonObject;
    expect(readPointer(root, ['a', '0'])).toBe(10);
    expect(readPointer(root, ['a', '1', 'b'])).toBe(null);
    expect(readPointer(root, ['__proto__', 'x'])).toBe(1);
    for (const keys of [['constructor'], ['a', 'length'], ['a', '01'], ['a', '-1'], ['a', '2'], ['toString']])
      expect(readPointer(root, keys), keys.join('/')).toBeUndefined();
  });

  test('what is too deep, too large, or a number that JSON cannot write is not kept', () => {
    expect(isKeepable({ a: [1, 2, { b: 'c' }] })).toBe(true);
    expect(isKeepable(Array.from({ length: 2_000 }, () => 1))).toBe(false);
    expect(isKeepable(JSON.parse('{"a": [1e999]}') as JsonObject)).toBe(false);
    expect(isKeepable(JSON.parse('['.repeat(5_000) + ']'.repeat(5_000)) as JsonObject)).toBe(false);
  });
});
