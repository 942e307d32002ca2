import type { Frame } from './frame.ts';
import { trimmedEnd } from './framer.ts';
import { readCount } from './octet-count.ts';

/**
 * One datagram is one frame (RFC 5426 section 3.1). A count before it, which some senders leave there, is taken off
 * when it tells the length, give or take the one byte by which they are wrong. Undefined when nothing is in it.
 */
export function readDatagram(bytes: Buffer, maxBytes: number): Frame | undefined {
  const count = readCount(bytes, 0);
  const isCounted = typeof count === 'object' && Math.abs(bytes.length - count.bodyAt - count.count) <= 1;
  const body = isCounted ? bytes.subarray(count.bodyAt) : bytes;
  if (body.length > maxBytes) return { bytes: body.subarray(0, maxBytes), untruncatedSize: body.length };
  const end = trimmedEnd(body);
  return end === 0 ? undefined : { bytes: body.subarray(0, end), untruncatedSize: null };
}
