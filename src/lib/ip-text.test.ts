import { expect, test } from 'vitest';
import { addressBlock, canonicalAddress, formatIpAddress } from './ip-text.ts';
import { parseIpAddress } from './ip.ts';

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
])('%s is written %s', (text, expected) => {
  const address = parseIpAddress(text);
  if (address === undefined) throw new Error('not an address');
  expect(formatIpAddress(address)).toBe(expected);
  // Also when it was asked for before.
  expect([canonicalAddress(text), canonicalAddress(text)]).toEqual([expected, expected]);
});

test('what is no address has no form', () => {
  expect(['', 'web01', '1.2.3.4.5', '10.0.0.0/8'].map(canonicalAddress)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
  ['2001:db8:1:3::', '2001:db8:1:3::/64'],
  ['not an address', 'not an address'],
])('%s belongs to block %s', (text, expected) => {
  expect(addressBlock(text)).toBe(expected);
});
