import { expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';

test('what is not UTF-8 stays readable, byte by byte', () => {
  const line = Buffer.concat([
    Buffer.from('<14>a: h\u00e9 '),
    Buffer.from([0xe9, 0xff, 0xe4, 0xb8]),
    Buffer.from(' 中'),
  ]);
  expect(decodeText(line)).toBe('<14>a: h\u00e9 \\xe9\\xff\\xe4\\xb8 中');
});
