import { expect, it } from 'vitest';
import { textPatternToRegex } from './text-pattern.ts';

// The outputs that JumpServer gives for the same inputs, behind the flag for its default `ignore_case`. Its
// engine takes every letter for a part of a word; RE2 needs to be told.
it.each([
  ['rm', String.raw`\brm\b`],
  ['rm -rf', String.raw`rm\s+\-rf`],
  ['mkfs.', String.raw`\bmkfs\.`],
  ['init 0', String.raw`init\s+0`],
  ['/sbin/reboot', String.raw`(?:\b|[^\x00-\x7F])/sbin/reboot\b`],
  ['>', String.raw`(?:\b|[^\x00-\x7F])>`],
  [' ', String.raw`\s+`],
  ['a   b', String.raw`a\s+b`],
  ['x:y=z', String.raw`\bx:y=z\b`],
  ['重启', '重启'],
  ['x重', String.raw`\bx重`],
])('%j becomes %s', (text, regex) => {
  expect(textPatternToRegex(text)).toBe(`(?i)${regex}`);
});
