/** What the gateway calls itself, and nothing more: a version helps only those who look for holes. */
export const OWN_SOFTWARE = 'Portcullis';
export const OWN_IDENTIFICATION = `SSH-2.0-${OWN_SOFTWARE}\r\n`;

/** Longest identification, line end included (RFC 4253 section 4.2). */
export const IDENTIFICATION_MAX_BYTES = 255;

export type IdentificationReading =
  | { readonly state: 'incomplete' }
  | { readonly state: 'malformed'; readonly why: string }
  /** `software` is printable ASCII. */
  | { readonly state: 'complete'; readonly software: string };

/**
 * Reads the client's identification line from the start of the bytes. Only servers may send other lines before it,
 * so anything else, a PROXY header from a stranger included, is refused at once.
 */
export function readIdentification(bytes: Buffer): IdentificationReading {
  const start = bytes.toString('latin1', 0, Math.min(bytes.length, 4));
  if (!'SSH-'.startsWith(start)) return malformed('it does not begin with SSH-');
  const end = bytes.subarray(0, IDENTIFICATION_MAX_BYTES).indexOf('\n');
  if (end < 0) {
    return bytes.length >= IDENTIFICATION_MAX_BYTES ? malformed('it is too long') : { state: 'incomplete' };
  }
  const line = bytes.toString('latin1', 0, end).replace(/\r$/, '');
  const match = /^SSH-(?:2\.0|1\.99)-([\x21-\x7e][\x20-\x7e]*)$/.exec(line);
  if (match !== null) return { state: 'complete', software: match[1] ?? '' };
  return malformed(/^SSH-[01]\./.test(line) ? 'protocol version 1' : 'it cannot be read');
}

function malformed(why: string): IdentificationReading {
  return { state: 'malformed', why };
}
