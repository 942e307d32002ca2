import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { patch } from './patch-ssh2.mjs';

test('an anchor that is missing or there twice leaves the text alone and says so', () => {
  expect(patch('abc', [['x', 'y']]).why).toContain('not found exactly once');
  expect(patch('axbx', [['x', 'y']]).why).toContain('not found exactly once');
});

test('every anchor is replaced literally', () => {
  expect(patch('a x b', [['x', '$& $1']])).toEqual({ text: 'a $& $1 b' });
});

test('the installed ssh2 knows the hybrid key exchange', () => {
  const require = createRequire(import.meta.url);
  const { SUPPORTED_KEX } = require('ssh2/lib/protocol/constants.js') as {
    readonly SUPPORTED_KEX: readonly string[];
  };
  expect(SUPPORTED_KEX).toContain('mlkem768x25519-sha256');
});
