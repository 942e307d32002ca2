import { isAscii, isUtf8 } from 'node:buffer';

const REPLACEMENT_DIGITS = '0123456789abcdef';

/** The bytes as text. What is not UTF-8 stays readable as `\xHH`, byte by byte, so nothing is lost or guessed. */
export function decodeText(bytes: Buffer): string {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (isUtf8(bytes)) return bytes.toString();
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    if (at > from) parts.push(bytes.toString('utf8', from, at));
    const byte = bytes[at] ?? 0;
    parts.push(`\\x${REPLACEMENT_DIGITS.charAt(byte >> 4)}${REPLACEMENT_DIGITS.charAt(byte & 15)}`);
    at += 1;
    from = at;
  }
  parts.push(bytes.toString('utf8', from, bytes.length));
  return parts.join('');
}

/** Bytes of the well-formed sequence at the place (RFC 3629 section 4); 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
