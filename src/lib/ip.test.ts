import { BlockList } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIpAddress, parseIpRange, rangeContains, rangesOverlap } from './ip.ts';

const contains = (range: string, address: string): boolean => {
  const parsedRange = parseIpRange(range);
  const parsedAddress = parseIpAddress(address);
  if (parsedRange === undefined || parsedAddress === undefined) throw new Error('not parsed');
  return rangeContains(parsedRange, parsedAddress);
};

describe('addresses', () => {
  it('reads one address in all its spellings as the same address', () => {
    expect(parseIpAddress('::ffff:10.1.2.3')).toEqual(parseIpAddress('10.1.2.3'));
    expect(parseIpAddress('::ffff:0a01:0203')).toEqual(parseIpAddress('10.1.2.3'));
    expect(parseIpAddress('2001:DB8::1')).toEqual(parseIpAddress('2001:db8:0:0:0:0:0:1'));
    expect(parseIpAddress('fe80::1%eth0')).toEqual(parseIpAddress('fe80::1'));
  });

  it.each(['', '10.1', '0x7f.0.0.1', '010.1.1.1.1', '2130706433', 'localhost', '1.2.3.4:22', '[::1]', '::g'])(
    'refuses %j',
    (text) => {
      expect(parseIpAddress(text)).toBeUndefined();
    },
  );
});

describe('ranges', () => {
  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/-1', '/8', '::/129', '10.0.0.0/8/8', '::ffff:10.0.0.0/64'])(
    'refuses %j',
    (text) => {
      expect(parseIpRange(text)).toBeUndefined();
    },
  );

  it('counts the prefix of a mapped range over 128 bits', () => {
    expect(contains('::ffff:10.0.0.0/104', '10.9.9.9')).toBe(true);
    expect(contains('::ffff:10.0.0.0/104', '11.0.0.1')).toBe(false);
  });

  it('keeps the versions apart', () => {
    expect(contains('0.0.0.0/0', '::1')).toBe(false);
    expect(contains('::/0', '10.0.0.1')).toBe(false);
  });

  it('agrees with the BlockList of Node for IPv4 and IPv6', () => {
    const v4 = fc.ipV4();
    const v6 = fc.tuple(fc.constantFrom('2001:db8', 'fe80:1', '2001:db9'), fc.nat(0xffff), fc.nat(0xffff));
    fc.assert(
      fc.property(v4, v4, fc.integer({ min: 0, max: 32 }), (base, address, bits) => {
        const oracle = new BlockList();
        oracle.addSubnet(base, bits, 'ipv4');
        expect(contains(`${base}/${bits}`, address)).toBe(oracle.check(address, 'ipv4'));
        expect(contains(`${base}/${bits}`, `::ffff:${address}`)).toBe(oracle.check(address, 'ipv4'));
      }),
    );
    fc.assert(
      fc.property(v6, v6, fc.integer({ min: 1, max: 128 }), (left, right, bits) => {
        const base = `${left[0]}::${left[1].toString(16)}:${left[2].toString(16)}`;
        const address = `${right[0]}::${right[1].toString(16)}:${right[2].toString(16)}`;
        const oracle = new BlockList();
        oracle.addSubnet(base, bits, 'ipv6');
        expect(contains(`${base}/${bits}`, address)).toBe(oracle.check(address, 'ipv6'));
      }),
    );
  });
});

it.each([
  ['192.0.2.0/24', '192.0.2.7', true],
  ['192.0.2.7', '192.0.0.0/16', true],
  ['192.0.2.0/25', '192.0.2.128/25', false],
  ['2001:db8::/64', '2001:db8::1', true],
  ['2001:db8::/64', '2001:db8:0:1::/64', false],
  ['::/64', '::1', true],
  ['127.0.0.1', '::ffff:127.0.0.0/104', true],
  ['0.0.0.0/0', '::/0', false],
])('%s and %s overlap: %s', (one, other, expected) => {
  const [first, second] = [parseIpRange(one), parseIpRange(other)];
  if (first === undefined || second === undefined) throw new Error('not read');
  expect(rangesOverlap(first, second)).toBe(expected);
  expect(rangesOverlap(second, first)).toBe(expected);
});
