import { canonicalAddress, formatIpAddress } from './ip-text.ts';
import { parseIpAddress } from './ip.ts';

/** What a proxy says about a connection. `local` is the proxy's own, such as a health check. */
export type ProxyHeader =
  | { readonly kind: 'client'; readonly address: string; readonly port: number }
  | { readonly kind: 'local' };

export type ProxyHeaderReading =
  | { readonly state: 'incomplete' }
  | { readonly state: 'malformed'; readonly why: string }
  | { readonly state: 'complete'; readonly header: ProxyHeader; readonly length: number };

/** Version 1 lines are at most this long, line end included (PROXY protocol section 2.1). */
const V1_MAX_BYTES = 107;
const V1_START = Buffer.from('PROXY ', 'latin1');
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V2_FIXED_BYTES = 16;
/** Addresses need 36 bytes; the rest are extensions, for which proxies use a few hundred at most. */
const V2_MAX_VARIABLE_BYTES = 2048;
export const PROXY_HEADER_MAX_BYTES = V2_FIXED_BYTES + V2_MAX_VARIABLE_BYTES;

/** Reads a PROXY protocol header, version 1 or 2, from the start of the bytes (haproxy's proxy-protocol.txt). */
export function readProxyHeader(bytes: Buffer): ProxyHeaderReading {
  if (startsLike(bytes, V2_SIGNATURE)) return readVersion2(bytes);
  if (startsLike(bytes, V1_START)) return readVersion1(bytes);
  return malformed('the proxy sent no PROXY protocol header');
}

/** True while the bytes agree with the expected start as far as they go. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function readVersion1(bytes: Buffer): ProxyHeaderReading {
  const end = bytes.subarray(0, V1_MAX_BYTES).indexOf('\r\n');
  if (end < 0)
    return bytes.length >= V1_MAX_BYTES ? malformed('the line is too long') : { state: 'incomplete' };
  const length = end + 2;
  const line = bytes.toString('latin1', 0, end);
  if (/^PROXY UNKNOWN(?: [\x20-\x7e]*)?$/.test(line)) {
    return { state: 'complete', header: { kind: 'local' }, length };
  }
  const match = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line);
  if (match === null) return malformed('the line cannot be read');
  const [, family = '', source = '', destination = '', sourcePort = '', destinationPort = ''] = match;
  const written = family === '4' ? /^[\d.]+$/ : /:/;
  const client = canonicalAddress(source);
  const isSound =
    written.test(source) &&
    written.test(destination) &&
    client !== undefined &&
    parseIpAddress(destination) !== undefined &&
    isPort(sourcePort) &&
    isPort(destinationPort);
  if (!isSound) return malformed('the addresses cannot be read');
  const header: ProxyHeader = { kind: 'client', address: client, port: Number(sourcePort) };
  return { state: 'complete', header, length };
}

function isPort(text: string): boolean {
  return Number(text) <= 65_535 && (text === '0' || !text.startsWith('0'));
}

function readVersion2(bytes: Buffer): ProxyHeaderReading {
  if (bytes.length < V2_FIXED_BYTES) return { state: 'incomplete' };
  const versionAndCommand = bytes.readUInt8(12);
  const familyAndTransport = bytes.readUInt8(13);
  const variableLength = bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== 2) return malformed('the version is not 2');
  if (variableLength > V2_MAX_VARIABLE_BYTES) return malformed('the header is too long');
  const length = V2_FIXED_BYTES + variableLength;
  if (bytes.length < length) return { state: 'incomplete' };
  const command = versionAndCommand & 0x0f;
  if (command === 0) return { state: 'complete', header: { kind: 'local' }, length };
  if (command !== 1) return malformed('the command is unknown');
  const addressBytes = { 0x11: 4, 0x21: 16 }[familyAndTransport];
  if (addressBytes === undefined) return malformed('the connection is not TCP over IPv4 or IPv6');
  if (variableLength < 2 * addressBytes + 4) return malformed('the addresses are cut short');
  const raw = [...bytes.subarray(V2_FIXED_BYTES, V2_FIXED_BYTES + addressBytes)];
  const address = clientAddress(raw);
  const port = bytes.readUInt16BE(V2_FIXED_BYTES + 2 * addressBytes);
  return { state: 'complete', header: { kind: 'client', address, port }, length };
}

/** In the one form in which addresses are compared: IPv4 inside IPv6 is IPv4. */
function clientAddress(raw: readonly number[]): string {
  const text = formatIpAddress({ version: raw.length === 4 ? 4 : 6, bytes: raw });
  return canonicalAddress(text) ?? text;
}

function malformed(why: string): ProxyHeaderReading {
  return { state: 'malformed', why };
}
