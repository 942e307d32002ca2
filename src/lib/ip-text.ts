import ipaddr from 'ipaddr.js';
import { parseIpAddress, type IpAddress } from './ip.ts';

/** The one text form of an address: dotted IPv4, or RFC 5952 for IPv6. */
export function formatIpAddress(address: IpAddress): string {
  return address.version === 4
    ? address.bytes.join('.')
    : ipaddr.fromByteArray([...address.bytes]).toString();
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
