import ipaddr from 'ipaddr.js';
import { parseIpAddress, parseIpRange, type IpAddress } from './ip.ts';
import { LruMap } from './lru.ts';

/** The one text form of an address: dotted IPv4, or RFC 5952 for IPv6. */
export function formatIpAddress(address: IpAddress): string {
  return address.version === 4
    ? address.bytes.join('.')
    : ipaddr.fromByteArray([...address.bytes]).toString();
}

/** Texts that were read before: few clients send many lines. */
const KNOWN = new LruMap<string, string>(4_096);

/** An address in its one text form; undefined for what is none. */
export function canonicalAddress(text: string): string | undefined {
  const known = KNOWN.get(text);
  if (known !== undefined) return known;
  const address = parseIpAddress(text);
  if (address === undefined) return undefined;
  const form = formatIpAddress(address);
  KNOWN.set(text, form);
  return form;
}

/** An address, or a CIDR range with the bits behind its prefix cleared, in one text form. Undefined for neither. */
export function canonicalRange(text: string): string | undefined {
  const range = parseIpRange(text);
  if (range === undefined) return undefined;
  const { base, prefixBits } = range;
  if (prefixBits === base.bytes.length * 8) return formatIpAddress(base);
  const bytes = base.bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefixBits - index * 8));
    return byte & ((0xff << (8 - bits)) & 0xff);
  });
  return `${formatIpAddress({ version: base.version, bytes })}/${prefixBits}`;
}

/**
 * The block that one attacker is likely to own: the address itself for IPv4, its /64 for IPv6 (RFC 6177). Text
 * that is no address is its own block.
 */
export function addressBlock(text: string): string {
  const address = parseIpAddress(text);
  if (address === undefined) return text;
  if (address.version === 4) return formatIpAddress(address);
  const prefix = address.bytes.map((byte, index) => (index < 8 ? byte : 0));
  return `${formatIpAddress({ version: 6, bytes: prefix })}/64`;
}
