import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from './printable.ts';

test.each([
  ['alice', 'alice'],
  ['李爱丽', '李爱丽'],
  ['a\r\nb', 'a\\x0d\\x0ab'],
  ['\u001b[31mred', '\\x1b[31mred'],
  ['abc\u202Etxt', 'abc\\u{202e}txt'],
  ['back\\slash', 'back\\\\slash'],
  ['lone\uD800', 'lone\\u{d800}'],
])('%j becomes %j', (text, expected) => {
  expect(printable(text, 64)).toBe(expected);
});

test('is bounded, one line, and free of controls for any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 2, max: 80 }),
      (text, max) => {
        const shown = printable(text, max);
        expect(shown.length).toBeLessThanOrEqual(max);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      },
    ),
  );
});
