/**
 * A process that records until it is ended from outside. It prints one line for everything that the recorder
 * accepted: `start <id>`, `ack <n>` for the n-th write, `failed <code>` when the recorder refused, `closed`
 * when the failed recording is closed. The n-th write holds `<n>;` at its beginning and is filled from a seed.
 */
import { meta, startBed } from './recorder-bed.ts';

const [dataDir = '', recordings = '', writesText = '0', sizeText = '1'] = process.argv.slice(2);
const writes = Number(writesText);
const size = Number(sizeText);

function say(line: string): void {
  // To a pipe this is synchronous: what was said is outside when the call returns.
  process.stdout.write(`${line}\n`);
}

const bed = await startBed({
  dataDir,
  ...(recordings === '' ? {} : { recordings }),
  recorder: { syncEveryMs: 20, anchorEveryMs: 50 },
});
const about = meta();
const writer = await bed.recorder.start(about);
say(`start ${about.recordingId}`);

let failed = false;
const kinds = ['output', 'input', 'error'] as const;
async function write(n: number): Promise<void> {
  const bytes = Buffer.alloc(1 + ((n * 7919) % size), n % 251);
  try {
    await writer.write(kinds[n % 3] ?? 'output', Buffer.concat([Buffer.from(`${String(n)};`), bytes]));
    // Whoever sees this line has been shown the bytes.
    say(`ack ${String(n)}`);
  } catch (error) {
    if (failed) return;
    failed = true;
    say(`failed ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
  }
}

const flying = new Set<Promise<void>>();
for (let n = 0; n < writes && !failed; n++) {
  const writing: Promise<void> = write(n).finally(() => flying.delete(writing));
  flying.add(writing);
  if (flying.size >= 1 + (n % 5)) await Promise.all(flying);
}
await Promise.all(flying);
if (failed) {
  await bed.recorder[Symbol.asyncDispose]();
  say('closed');
} else say('done');
// Ends when it is killed, or told to.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
