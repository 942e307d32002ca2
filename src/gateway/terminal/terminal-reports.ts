const ESC = 0x1b;

/**
 * What a terminal sends by itself when it is asked where the cursor is, what it is, what colours it has, or
 * tells that its window got the focus (ECMA-48 CPR and DA, xterm's OSC and DCS answers, mode 1004). Shells ask at
 * prompts, so such bytes stand between keys without being keys.
 */
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const REPORTS = /\u001B(?:\[\??\d{1,5}(?:;\d{1,5}){1,2}R|\[[?>=]?[\d;]{0,64}c|\[\?[\d;]{1,32}(?:\$y|u)|\[[IO]|[\]P][^\u0007\u001B]{1,512}(?:\u0007|\u001B\\))/g;

/** The keys without what the terminal reported. The same buffer when there is no report in it. */
export function withoutReports(bytes: Buffer): Buffer {
  if (!bytes.includes(ESC)) return bytes;
  const text = bytes.toString('latin1');
  const keys = text.replaceAll(REPORTS, '');
  return keys.length === text.length ? bytes : Buffer.from(keys, 'latin1');
}
