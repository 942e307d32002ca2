import type { Part } from './late-reading.ts';

export type Random = () => number;

/** What acts on more than the line, whole and broken: moves, erasing, regions, modes, character sets, strings. */
const BARRIERS = latin1(
  '\u001B7 \u001B8 \u001B[s \u001B[u \u001B[H \u001B[5;10H \u001B[999;999H \u001B[3A \u001B[2B \u001B[E \u001B[2F',
  '\u001B[J \u001B[1J \u001B[2J \u001B[3J \u001B[?J \u001B[L \u001B[3M \u001B[2S \u001B[2T \u001BM \u001BD \u001BE',
  '\u001BH \u001B[g \u001B[3g \u001B[5;10r \u001B[r \u001B[1;24r \u001B[2:3r \u001B[?6h \u001B[?6l \u001B[?6:1h',
  '\u001B[4h \u001B[4l \u001B[20h \u001B[20l \u001B[?7l \u001B[?7h \u001B[?45h \u001B[?45l \u001B[?7;45h',
  '\u001B(0 \u001B(B \u001B)0 \u001Bn \u001Bo \u001B*0 \u001B%G \u000E \u000F \u000B \u000C \u001B= \u001B>',
  '\u001B[?1049h \u001B[?1049l \u001B[?47h \u001B[?47l \u001B[?1047h \u001B[?1047l \u001B[?1048h \u001B[?1048l',
  '\u001B[?1049;6h \u001B[?2004h \u001B[?2004l \u001B[?25l \u001B[?25h \u001B[!p \u001Bc \u001B#8',
  '\u001B[5b \u001B[3Z \u001B[2I \u001B[2d \u001B[2e \u001B[3a \u001B[3` \u001B[1"q \u001B[0"q \u001B[?K \u001B[>c',
  `\u001B['} \u001B['~ \u001B[?3h \u001B[?2h \u001B[${'1;'.repeat(40)}6h`,
  '\u001B]0;title\u0007 \u001B]0;\u00E6\u0097\u00A5\u001B\\ \u001B]8;;http://x\u0007 \u001B]8;;\u0007 \u001B]133;A\u0007',
  '\u001BP$qm\u001B\\ \u001BPabc\r\n\u001B\\ \u001B_apc\r\nx\u001B\\ \u001B_\u00C3\u00A9\r\n\r\n\u001B\\',
  '\u00C2\u0084 \u00C2\u0085 \u00C2\u0088 \u00C2\u008D \u00C2\u009B2J \u00C2\u009D0;x\u00C2\u009C \u00C2\u009B?6h',
  '\u00C2\u0090q\u00C2\u009C \u001B]0;\u00C2\u009B?6h \u0090',
  '\u001B[?1\n0h \u001B[3\r\n1m \u001B[31\u0018m \u001B[31\u00FF;1m \u001B[31\u00C3\u00A9 \u001B\u00C3\u00A9',
  '\u001B \u001B[ \u001B[? \u001B] \u001BP',
);
const COLOURS = latin1(
  '\u001B[m \u001B[0m \u001B[00m \u001B[31m \u001B[01;34m \u001B[4m \u001B[4:3m \u001B[24m \u001B[7m \u001B[38;5;123m',
  '\u001B[48;5;3m \u001B[38;2;1;2;3m \u001B[48;2;9;8;7m \u001B[58;5;3m \u001B[58:2::1:2:3m \u001B[59m \u001B[39m',
  '\u001B[49m \u001B[1m \u001B[22m \u001B[2m \u001B[3m \u001B[53m \u001B[;31m \u001B[0;32m \u001B[1;0m \u001B[38;5m',
  '\u001B[38m \u001B[9m \u001B[100m \u001B[97m \u001B[21m \u001B[38:5:9m',
);
const WITHIN_LINES = latin1(
  '\t \b \b\b\b \r \u0007 \u0000 \u007F \u0005 \u001B[K \u001B[1K \u001B[2K \u001B[5C \u001B[3D \u001B[10G \u001B[2X',
  '\u001B[2P \u001B[2@ \u001B[200C \u001B[G',
);
const WORDS = [
  'hello',
  'x',
  'the quick brown fox',
  '日本語',
  'naïve',
  'e\u0301',
  '👍🏽',
  '\u00A0',
  '\u200D',
  '\uFEFF',
  '«»',
  'a'.repeat(70),
  'b'.repeat(200),
].map((word) => Buffer.from(word));
const HALF_A_CHARACTER = Buffer.of(0xf0, 0x9f);
const PROMPTS = latin1('$ \r\n$_ls \u001B[?2004h#');

/** Spans of lines, some too big to be read whole, with barriers between them. */
export function randomOutput(random: Random, barriers: number, resizes: boolean): readonly Part[] {
  const parts: Part[] = [];
  for (let spans = 1 + below(random, 4); spans > 0; spans -= 1) {
    for (let count = below(random, barriers); count > 0; count -= 1) {
      parts.push(pick(random, BARRIERS));
      if (random() < 0.4) parts.push(pick(random, WORDS));
      if (random() < 0.3) parts.push(pick(random, COLOURS));
    }
    if (resizes && random() < 0.3)
      parts.push({ columns: 2 + below(random, 120), rows: 2 + below(random, 40) });
    parts.push(randomLines(random));
  }
  return [...parts, pick(random, PROMPTS)];
}

function randomLines(random: Random): Buffer {
  const bytes =
    random() < 0.5 ? below(random, 3_000) : 17_000 + below(random, random() < 0.2 ? 200_000 : 30_000);
  const lineEnds = latin1(pick(random, ['\r\n', '\r\n', '\r\n', '\n', '\r\n \n \r \n\r', '']));
  const words = random() < 0.5 ? [Buffer.from('y')] : [...WORDS, HALF_A_CHARACTER];
  const controls = random() < 0.5 ? random() * 0.3 : 0;
  const colours = random() < 0.6 ? random() * 0.5 : 0;
  const lines: Buffer[] = [];
  for (let length = 0; length < bytes;) {
    const line: Buffer[] = [];
    for (let count = below(random, 6); count >= 0; count -= 1) {
      line.push(pick(random, words));
      if (random() < controls) line.push(pick(random, WITHIN_LINES));
      if (random() < colours) line.push(pick(random, COLOURS));
    }
    line.push(pick(random, lineEnds));
    const whole = Buffer.concat(line);
    lines.push(whole);
    length += whole.length;
  }
  return Buffer.concat(lines);
}

/** Cuts bytes up anywhere, into pieces of about one size. */
export function randomPieces(random: Random): (bytes: Buffer) => Iterable<Buffer> {
  const longest = pick(random, [7, 100, 5_000, 32_768, Number.MAX_SAFE_INTEGER]);
  return function* (bytes) {
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + 1 + below(random, longest));
      yield bytes.subarray(at, end);
      at = end;
    }
  };
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<T>(random: Random, values: readonly T[]): T {
  const value = values[below(random, values.length)];
  if (value === undefined) throw new Error('nothing to choose from');
  return value;
}

/** Divided at blanks; an empty string is one, too. */
function latin1(...texts: readonly string[]): readonly Buffer[] {
  return texts.flatMap((text) => text.split(' ')).map((part) => Buffer.from(part, 'latin1'));
}
