import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSearchText } from './search-text.ts';

describe('parseSearchText', () => {
  test.each([
    ['', []],
    [' \t\n ', []],
    ['""', []],
    ['"', []],
    ['su', [{ words: ['su'] }]],
    ['SU Root', [{ words: ['su'] }, { words: ['root'] }]],
    ['10.0.0.5', [{ words: ['10', '0', '5'], literal: '10.0.0.5' }]],
    ['"rm -rf"', [{ words: ['rm', 'rf'], literal: 'rm -rf' }]],
    ['a "b c', [{ words: ['a'] }, { words: ['b', 'c'], literal: 'b c' }]],
    ['&&', [{ words: [], literal: '&&' }]],
    ['删除x', [{ words: ['删', '除', 'x'], literal: '删除x', unicode: true }]],
    ['GRÖSSE', [{ words: ['gr', 'sse'], literal: 'grÖsse', unicode: true }]],
  ])('%j', (text, terms) => {
    expect(parseSearchText(text)).toEqual(terms);
  });

  test('is bounded, and every term asks for something', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const terms = parseSearchText(text);
        expect(terms.length).toBeLessThanOrEqual(16);
        for (const { words, literal } of terms) {
          expect(words.length > 0 || (literal ?? '') !== '').toBe(true);
          expect((literal ?? '').isWellFormed()).toBe(true);
          for (const word of words) expect(word).toMatch(/^([a-z0-9]+|\p{Lo})$/u);
        }
      }),
    );
  });
});
