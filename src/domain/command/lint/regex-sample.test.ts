import { RE2JS } from 're2js';
import { expect, it } from 'vitest';
import { regexSample } from './regex-sample.ts';

it.each([
  ['rm', 'rm'],
  [String.raw`\brm\s+-rf\b`, 'rm -rf'],
  ['^(su|passwd)$', 'su'],
  ['(?i)(?:drop|truncate) table', 'drop table'],
  ['(?P<verb>reboot)( now)?', 'reboot'],
  ['[r-s]m x{3}', 'rm xxx'],
  ['[^a]b', 'xb'],
  ['[]a]b', ']b'],
  ['[[:alpha:]]b', 'xb'],
  [String.raw`\Qa.b\E`, 'a.b'],
  [String.raw`\x41\x{42}`, 'AB'],
  [String.raw`mkfs\.`, 'mkfs.'],
  [String.raw`curl .*\pL`, 'curl x'],
  ['a+?b*', 'a'],
])('%s → %s', (pattern, sample) => {
  expect(regexSample(pattern)).toBe(sample);
  expect(RE2JS.compile(pattern).matcher(sample).find()).toBe(true);
});
