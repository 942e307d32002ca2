const SPACE = 32;
const LESS = 60;
const MAX_DIGITS = 8;
/** Larger ones are no count but, say, a date (`20261125 <`), and would swallow what follows. */
const MAX_COUNT = 16 * 1024 * 1024;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

export interface OctetCount {
  readonly count: number;
  readonly bodyAt: number;
}

/**
 * Reads `MSG-LEN SP` (RFC 6587 section 3.4.1). Only digits that a priority follows are a count: lines may begin with
 * digits too. `incomplete`: more bytes must come to tell.
 */
export function readCount(bytes: Buffer, at: number): OctetCount | 'incomplete' | 'text' {
  const first = bytes[at];
  if (first === undefined) return 'incomplete';
  if (first < 49 || first > 57) return 'text';
  let count = 0;
  let next = at;
  while (next - at < MAX_DIGITS && isDigit(bytes[next])) {
    count = count * 10 + (bytes[next] ?? 0) - 48;
    next += 1;
  }
  const follows = bytes.subarray(next, next + 3);
  if (follows.length > 0 && follows[0] !== SPACE) return 'text';
  if (follows.length > 1 && follows[1] !== LESS) return 'text';
  if (follows.length > 2 && !isDigit(follows[2])) return 'text';
  if (count > MAX_COUNT) return 'text';
  return follows.length < 3 ? 'incomplete' : { count, bodyAt: next + 1 };
}
