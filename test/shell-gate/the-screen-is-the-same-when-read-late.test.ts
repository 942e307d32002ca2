import { expect, test } from 'vitest';
import type { Emulator } from '#gateway/terminal/emulator.ts';
import { runSeed, seeded } from '../testbed/seeds.ts';
import { EmulatorDefect, feed, readAll, readLate, shown, type Part } from './late-reading.ts';
import { printed } from './terminal-programs.ts';
import { randomOutput, randomPieces, type Random } from './random-output.ts';

const isSoak = process.env['SOAK'] === '1';
/** Shows where the cursor was saved, the tab stops, and the colours with which it goes on. */
const PROBE = Buffer.from('\u001B\\\u001B8Q\u001B[5C\tz\r\n\ty\n');

/** Returns how much of it was interpreted when read late. */
async function compare(what: string, parts: readonly Part[], random: Random): Promise<number> {
  const size = { columns: 80, rows: 24 };
  const often = random() < 0.5 ? 0 : random() * 0.02;
  const reader = { pieces: randomPieces(random), asksNow: () => random() < often };
  const { emulator: late, fedBytes, isUnsure, askedAt } = await readLate(size, parts, reader);
  const inOne = await readAll(size, parts);
  // Where the emulator shows the same output in two ways, either is right.
  const all = isSame(late, inOne) ? inOne : await readAll(size, parts, askedAt);
  expect(isUnsure, what).toBe(false);
  expectSame(late, all, what);
  await feed(all, [{ kind: 'output', bytes: PROBE }]);
  await feed(late, [{ kind: 'output', bytes: PROBE }]);
  expectSame(late, all, `${what}, and after it`);
  all.dispose();
  late.dispose();
  const total = parts.reduce((sum, part) => sum + (Buffer.isBuffer(part) ? part.length : 0), 0);
  return fedBytes / total;
}

function isSame(one: Emulator, other: Emulator): boolean {
  return shown(one).join('\n') === shown(other).join('\n');
}

/** Shows the first row that differs: of two whole screens nobody finds it. */
function expectSame(late: Emulator, all: Emulator, what: string): void {
  const expected = shown(all);
  const actual = shown(late);
  const row = expected.findIndex((text, at) => text !== actual[at]);
  expect(actual[row], `${what}, row ${row}`).toBe(expected[row]);
  expect(actual.length).toBe(expected.length);
}

test.each([
  { what: 'few barriers', barriers: 3, resizes: false },
  { what: 'many barriers', barriers: 15, resizes: false },
  { what: 'changes of size', barriers: 4, resizes: true },
])('random output with $what', { timeout: 600_000 }, async ({ what, barriers, resizes }) => {
  const seed = runSeed(`output with ${what}`);
  const shares: number[] = [];
  const rounds = isSoak ? 2_000 : 60;
  let defects = 0;
  for (let round = 0; round < rounds; round += 1) {
    const random = seeded(seed + round);
    const parts = randomOutput(random, barriers, resizes);
    try {
      shares.push(await compare(`TEST_SEED=${seed + round}`, parts, random));
    } catch (error) {
      if (!(error instanceof EmulatorDefect)) throw error;
      defects += 1;
    }
  }
  // Changes of size can leave the emulator with a row too few: about one round in two hundred.
  expect(defects).toBeLessThanOrEqual(resizes ? rounds / 10 : 0);
  // Else it would say nothing about thinning.
  expect(shares.filter((share) => share < 0.5).length).toBeGreaterThan(0);
});

const LINES = (text: string): string => `awk 'BEGIN { for (i = 0; i < 4000; i += 1) printf ${text} }'`;

test.each([
  { what: 'a listing in colours', command: 'ls -lR --color=always /usr/lib | head -c 2000000', most: 0.05 },
  { what: 'numbers', command: 'seq 200000', most: 0.05 },
  { what: 'one word', command: 'yes | head -c 1000000', most: 0.05 },
  { what: 'Chinese text', command: LINES('"目录 %d 内容，这是一行很长的文字 🎉 naïve\\n", i'), most: 0.2 },
  {
    what: 'true colours',
    command: LINES('"\\033[38;2;%d;99;7mcolour\\033[48;5;%dm %d\\n", i % 256, i % 256, i'),
  },
  { what: 'a progress bar', command: LINES('"\\r%d of 4000 [%-50s]", i, substr("==========", 1, i % 10)') },
  { what: 'a spinner', command: LINES('"\\r\\033[2K%s working", substr("|/-", i % 3 + 1, 1)') },
  { what: 'a long line', command: "head -c 200000 /dev/zero | tr '\\0' x" },
  { what: 'noise', command: 'head -c 300000 /dev/urandom' },
  {
    what: 'clearing again and again',
    command: 'for i in $(seq 60); do clear; ls -l --color=always /etc; done',
  },
  {
    what: 'an editor',
    command: 'vim -u NONE -c "syntax on" /etc/services',
    keys: '5\u0006:20\rdd/tcp\rn\u0002ihello\u001B:q!\r',
  },
  { what: 'a pager', command: 'less /etc/services', keys: '   bG/tcp\rnnngq' },
  { what: 'top', command: 'top -d 0.1 -n 5' },
  {
    what: 'a multiplexer',
    command:
      'tmux -L late-reading -f /dev/null new-session "seq 3000; ls -l --color=always /usr/bin; sleep 0.2"',
  },
])('what $what prints', async ({ what, command, keys = '', most }) => {
  const output = await printed(command, keys, { columns: 80, rows: 24 });
  expect(output.length).toBeGreaterThan(1_000);
  const seed = runSeed(what);
  for (let round = 0; round < 3; round += 1) {
    const random = seeded(seed + round);
    await compare(`${what}, TEST_SEED=${seed + round}`, [output], random);
  }
  // Nobody asks in between: only the last screens are interpreted.
  const late = await readLate({ columns: 80, rows: 24 }, [output], {
    pieces: (bytes) => [bytes],
    asksNow: () => false,
  });
  expect(late.fedBytes / output.length).toBeLessThanOrEqual(most ?? 1);
  late.emulator.dispose();
});
