import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import { createShellGate, type ShellGate } from '#gateway/terminal/shell-gate.ts';

const MIB = 1024 * 1024;
const FLOOD_BYTES = 200 * MIB;
/** The gate holds 4 MiB at most; the rest is what the collector has not freed yet. */
const MOST_BYTES = 24 * MIB;

function openGate(toPerson: (bytes: Buffer) => void, toAsset: (bytes: Buffer) => void): ShellGate {
  return createShellGate({
    judge: compileCommandRules([], {
      username: 'alice',
      groups: [],
      roles: [],
      asset: 'asset',
      account: 'me',
    }),
    mode: 'guard',
    columns: 120,
    rows: 40,
    now: () => performance.now(),
    onJudged: () => Promise.resolve(),
    mustEnd: (why) => {
      throw new Error(why);
    },
  })({ toAsset, toPerson });
}

test.each([
  { what: 'lines', chunk: Buffer.from('y\r\n'.repeat(10_000)) },
  { what: 'lines in colours', chunk: Buffer.from('\u001B[0m\u001B[01;34mfolder\u001B[0m\r\n'.repeat(1_000)) },
  { what: 'a line without end', chunk: Buffer.alloc(30_000, 'x') },
  { what: 'a progress bar', chunk: Buffer.from('\r[=====>    ] 50 %'.repeat(1_500)) },
  {
    what: 'whole screens',
    chunk: Buffer.from(`\u001B[H\u001B[2J${'line\u001B[K\r\n'.repeat(40)}`.repeat(50)),
  },
  { what: 'bare line feeds', chunk: Buffer.from('y\n'.repeat(15_000)) },
  { what: 'a picture', chunk: Buffer.alloc(30_000, '~'), begin: '\u001BPq' },
])('memory stays flat in a flood of $what', async ({ chunk, begin = '' }) => {
  let shown = 0;
  const forwarded = Promise.withResolvers<void>();
  const gate = openGate(
    (bytes) => {
      shown += bytes.length;
    },
    () => forwarded.resolve(),
  );
  const held = (): number => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  gate.fromAsset(Buffer.from(`me@asset:~$ ${begin}`));
  // What is compiled and pooled once is not what the flood costs.
  for (let bytes = 0; bytes < 10 * MIB; bytes += chunk.length) gate.fromAsset(chunk);
  const before = held();
  let most = 0;
  for (let bytes = 0; bytes < FLOOD_BYTES;) {
    for (let count = 0; count < 20; count += 1) {
      gate.fromAsset(chunk);
      bytes += chunk.length;
    }
    most = Math.max(most, held() - before);
    await setImmediate();
  }
  expect(shown).toBeGreaterThan(FLOOD_BYTES);
  expect(most).toBeLessThan(MOST_BYTES);
  const started = performance.now();
  gate.fromAsset(Buffer.from('\u001B\\\r\nme@asset:~$ '));
  gate.fromPerson(Buffer.from('l'));
  await forwarded.promise;
  expect(performance.now() - started).toBeLessThan(5_000);
  gate.close();
});
