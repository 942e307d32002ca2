import ipaddr from 'ipaddr.js';

/** An address in one comparable form: an IPv4 address carried inside IPv6 (`::ffff:…`) is the IPv4 address. */
export interface IpAddress {
  readonly version: 4 | 6;
  /** 4 or 16 bytes, network order. */
  readonly bytes: readonly number[];
}

/** All addresses that share the first `prefixBits` bits with the base. */
export interface IpRange {
  readonly base: IpAddress;
  readonly prefixBits: number;
}

/** Longest text form: a v4-mapped IPv6 address with a zone and a prefix length. */
const MAX_TEXT = 64;

/**
 * Reads an address as sockets print it: dotted IPv4 (four decimal parts only), IPv6, IPv6 with a zone
 * (`fe80::1%eth0`; the zone is dropped, it names an interface and not a peer). Undefined when it is neither.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length === 0 || text.length > MAX_TEXT) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return { version: 4, bytes: ipaddr.IPv4.parse(text).toByteArray() };
  }
  const withoutZone = text.replace(/%[A-Za-z0-9_.-]+$/, '');
  if (!withoutZone.includes(':') || !ipaddr.IPv6.isValid(withoutZone)) return undefined;
  return normalise(ipaddr.IPv6.parse(withoutZone));
}

/** Reads an address or a CIDR range (RFC 4632, RFC 4291 section 2.3). Bits behind the prefix are ignored. */
export function parseIpRange(text: string): IpRange | undefined {
  const slash = text.lastIndexOf('/');
  if (slash < 0) {
    const base = parseIpAddress(text);
    return base === undefined ? undefined : { base, prefixBits: base.bytes.length * 8 };
  }
  const written = text.slice(0, slash);
  const base = parseIpAddress(written);
  const lengthText = text.slice(slash + 1);
  if (base === undefined || !/^\d{1,3}$/.test(lengthText)) return undefined;
  // A range written in mapped form counts its prefix over 128 bits.
  const mappedBits = base.version === 4 && written.includes(':') ? 96 : 0;
  const prefixBits = Number(lengthText) - mappedBits;
  return prefixBits < 0 || prefixBits > base.bytes.length * 8 ? undefined : { base, prefixBits };
}

export function rangeContains(range: IpRange, address: IpAddress): boolean {
  if (range.base.version !== address.version) return false;
  let bitsLeft = range.prefixBits;
  for (const [index, byte] of range.base.bytes.entries()) {
    if (bitsLeft <= 0) return true;
    const mask = bitsLeft >= 8 ? 0xff : (0xff << (8 - bitsLeft)) & 0xff;
    if ((byte & mask) !== ((address.bytes[index] ?? 0) & mask)) return false;
    bitsLeft -= 8;
  }
  return true;
}

/** Whether an address is in one of the ranges. Text that is no range holds nothing. */
export function isInRanges(ranges: readonly string[]): (address: string) => boolean {
  const parsed = ranges.map(parseIpRange).filter((range) => range !== undefined);
  return (address) => {
    const ip = parsed.length === 0 ? undefined : parseIpAddress(address);
    return ip !== undefined && parsed.some((range) => rangeContains(range, ip));
  };
}

/** Whether any address lies in both. Of two ranges that meet, one holds the other. */
export function rangesOverlap(one: IpRange, other: IpRange): boolean {
  return rangeContains(one, other.base) || rangeContains(other, one.base);
}

function normalise(address: ipaddr.IPv6): IpAddress {
  return address.isIPv4MappedAddress()
    ? { version: 4, bytes: address.toIPv4Address().toByteArray() }
    : { version: 6, bytes: address.toByteArray() };
}
