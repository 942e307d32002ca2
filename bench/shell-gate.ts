import { Buffer } from 'node:buffer';
import { compileCommandRules } from '#domain/command/compile-rules.ts';
import { createShellGate, type ShellGate } from '#gateway/terminal/shell-gate.ts';
import { median, percentile, type BenchResult } from './result.ts';

const FLOOD_BYTES = 512 * 1024 * 1024;
const CHUNK = Buffer.from('y\r\n'.repeat(10_000));
const LINES = 1_000;
const PROMPT = 'me@asset:~$ ';

/** What the shell gate costs: bulk output that passes it, and a line typed at a prompt. */
export async function run(): Promise<BenchResult[]> {
  return [flood(), ...(await typedLines())];
}

function flood(): BenchResult {
  let passed = 0;
  const gate = openGate(
    () => undefined,
    (bytes) => {
      passed += bytes.length;
    },
  );
  const before = performance.now();
  for (let sent = 0; sent < FLOOD_BYTES; sent += CHUNK.length) gate.fromAsset(CHUNK);
  const seconds = (performance.now() - before) / 1_000;
  gate.close();
  return {
    name: 'bulk output through the gate',
    value: passed / seconds / 1e6,
    unit: 'MB/s',
    detail: 'in memory, chunks of 30 KB; without the gate there is nothing to measure',
  };
}

/** From Enter to the forwarded line end, with an asset that echoes at once: what the gate itself adds. */
async function typedLines(): Promise<BenchResult[]> {
  const waits: number[] = [];
  let ran = Promise.withResolvers<void>();
  const gate = openGate(
    (bytes) => {
      const text = bytes.toString();
      if (text !== '\r') gate.fromAsset(bytes);
      else {
        gate.fromAsset(Buffer.from(`\r\n${PROMPT}`));
        ran.resolve();
      }
    },
    () => undefined,
  );
  gate.fromAsset(Buffer.from(PROMPT));
  for (let line = 0; line < LINES; line += 1) {
    for (const key of `systemctl status unit-${line}`) gate.fromPerson(Buffer.from(key));
    ran = Promise.withResolvers();
    const before = performance.now();
    gate.fromPerson(Buffer.from('\r'));
    await ran.promise;
    waits.push(performance.now() - before);
  }
  gate.close();
  const detail = `${LINES} lines, echo without delay`;
  return [
    { name: 'Enter until the line goes on, median', value: median(waits), unit: 'ms', detail },
    { name: 'Enter until the line goes on, p99', value: percentile(waits, 0.99), unit: 'ms', detail },
  ];
}

function openGate(toAsset: (bytes: Buffer) => void, toPerson: (bytes: Buffer) => void): ShellGate {
  const judge = compileCommandRules([], { username: 'a', groups: [], roles: [], asset: 'b', account: 'c' });
  return createShellGate({
    judge,
    mode: 'guard',
    columns: 80,
    rows: 24,
    now: () => performance.now(),
    onJudged: () => Promise.resolve(),
    mustEnd: () => undefined,
  })({ toAsset, toPerson });
}
