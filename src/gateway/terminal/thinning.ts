const LF = 0x0a;
const ESC = 0x1b;
const OPENING_BRACKET = 0x5b;
const SGR = 0x6d;
/** More colours and attributes than this side by side, and a span stays as it is. */
const MAX_ATTRIBUTES = 256;

/** A span that may be written as `prefix` and what follows from `tailStart` on. */
export interface ThinnedSpan {
  readonly prefix: Buffer;
  readonly tailStart: number;
}

/**
 * Leaves out the head of a line-local span (`OutputScanner`) where the screen is the same without it. When head
 * and tail each have more line feeds than the screen has rows, whatever stood there before has scrolled off the
 * top, and the head with it; what the head leaves behind is the cursor at the left of the last row, which takes
 * a cut behind a CR LF, and its colours and attributes. Holds for every state of the terminal in which lines
 * scroll off the top: no scroll region, no origin mode, no reverse wrap-around.
 */
export function thinSpan(span: Buffer, rows: number): ThinnedSpan | undefined {
  const tailStart = cutBehindCrLf(span, rows + 2);
  if (tailStart === undefined || !hasLineFeeds(span, rows, tailStart)) return undefined;
  const attributes = attributesOf(span, tailStart);
  if (attributes === undefined) return undefined;
  const prefix = Buffer.from(`\r${'\n'.repeat(rows)}\r${attributes}`, 'latin1');
  return prefix.length < tailStart ? { prefix, tailStart } : undefined;
}

/** The last place behind a CR LF from which on there are at least that many line feeds. */
function cutBehindCrLf(span: Buffer, lineFeeds: number): number | undefined {
  let at = span.length;
  for (let count = 0; count < lineFeeds; count += 1) {
    if (at === 0) return undefined;
    at = span.lastIndexOf(LF, at - 1);
    if (at < 0) return undefined;
  }
  const place = at < 2 ? -1 : span.lastIndexOf('\r\n', at - 2, 'latin1');
  return place < 0 ? undefined : place + 2;
}

function hasLineFeeds(span: Buffer, lineFeeds: number, end: number): boolean {
  let at = -1;
  for (let count = 0; count < lineFeeds; count += 1) {
    at = span.indexOf(LF, at + 1);
    if (at < 0 || at >= end) return false;
  }
  return true;
}

/**
 * The sequences that make the colours and attributes at the end. Each sequence sets some of them whatever they
 * were, so of several that set the same only the last counts, and a full reset makes all before it void.
 */
function attributesOf(span: Buffer, end: number): string | undefined {
  const last = new Map<string, string>();
  for (let at = span.indexOf(ESC, lastReset(span, end)); at >= 0 && at < end; at = span.indexOf(ESC, at)) {
    const start = at;
    at += 2;
    while (isParameter(span[at] ?? 0)) at += 1;
    if (span[start + 1] !== OPENING_BRACKET || span[at] !== SGR) continue;
    const parameters = span.toString('latin1', start + 2, at);
    if (RESETS.test(parameters)) last.clear();
    const key = keyOf(parameters);
    last.delete(key);
    last.set(key, `\u001B[${parameters}m`);
    if (last.size > MAX_ATTRIBUTES) return undefined;
  }
  return [...last.values()].join('');
}

/** Near the last full reset of the two common forms, so that what is before it need not be read. */
function lastReset(span: Buffer, end: number): number {
  const before = Math.max(0, end - 1);
  return Math.max(
    0,
    span.lastIndexOf('\u001B[m', before, 'latin1'),
    span.lastIndexOf('\u001B[0m', before, 'latin1'),
  );
}

/** Begins with a full reset, written or left out. */
const RESETS = /^0*(?:;|$)/;
const FOREGROUND = /^(?:3[0-79]|9[0-7]|38;5;\d+|38;2;\d+;\d+;\d+)$/;
const BACKGROUND = /^(?:4[0-79]|10[0-7]|48;5;\d+|48;2;\d+;\d+;\d+)$/;

function keyOf(parameters: string): string {
  if (FOREGROUND.test(parameters)) return 'foreground';
  if (BACKGROUND.test(parameters)) return 'background';
  return parameters;
}

function isParameter(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x3b;
}
