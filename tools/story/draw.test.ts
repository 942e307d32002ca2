import { expect, test } from 'vitest';
import { formatCast, type Cast } from './asciicast.ts';
import { drawCast } from './draw.ts';

const cast: Cast = {
  columns: 30,
  rows: 3,
  title: 'A <story>',
  output: [
    [0.5, '\u001B[2m0.5 s\u001B[0m \u001B[1mdenied\u001B[0m  a < b & c\r\n'],
    [2, 'done\r\n'],
  ],
};

test('a recording is one header and one line an output', () => {
  const lines = formatCast(cast).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { version: 2, width: 30, height: 3, title: 'A <story>', env: { TERM: 'xterm-256color' } },
    [0.5, 'o', cast.output[0]?.[1]],
    [2, 'o', 'done\r\n'],
  ]);
});

test('each row is drawn in its styles and appears when it was written', async () => {
  const svg = await drawCast(cast);
  expect(svg).toContain('class="dim">0.5 s</text>');
  expect(svg).toContain('class="bold">denied</text>');
  expect(svg).toContain('>a &lt; b &amp; c</text>');
  expect(svg).toContain('aria-label="A &lt;story&gt;"');
  expect(svg).toContain('@keyframes r1{0%,25.000%{opacity:0}');
  expect(svg).not.toMatch(/<script|href=|url\(/);
});

test('a story that does not fit is refused instead of being cut', async () => {
  const long = { ...cast, output: [[0, 'a\r\n'.repeat(5)]] as const };
  await expect(drawCast(long)).rejects.toThrow('more than 3 rows');
});
