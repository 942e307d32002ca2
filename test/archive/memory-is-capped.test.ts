import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArchiveBed } from './archive-bed.ts';
import { SeededEvents } from './seeded-events.ts';

const MIB = 2 ** 20;
const CAP_MIB = 400;

let bed: ArchiveBed;
beforeAll(async () => {
  bed = await ArchiveBed.create({ memoryBytes: CAP_MIB * MIB });
});
afterAll(() => bed[Symbol.asyncDispose]());

/** Beside what the engine may allocate: Node, its code, a batch on its way in. */
const BESIDE_MIB = 250;

/** Without the pages of the library's file: 230 MiB of code that the kernel takes back when it needs them. */
function ownPeakMib(): number {
  const status = readFileSync(`/proc/${bed.engine.status().pid}/status`, 'utf8');
  const mib = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  return mib('VmHWM') - mib('RssFile');
}

test('a statement that wants more is refused, and the engine goes on', async () => {
  await bed.stream.publish(new SeededEvents(11).take(60_000));
  await bed.settle();
  const greedy = 'SELECT length(groupArray(repeat(toString(number), 100))) FROM numbers(30000000)';
  for (let round = 0; round < 3; round += 1) {
    await expect(bed.values(greedy)).rejects.toMatchObject({ type: 'MEMORY_LIMIT_EXCEEDED' });
  }
  expect(await bed.archive.search({ limit: 5 })).toHaveLength(5);
  await bed.stream.publish(new SeededEvents(12).take(10_000));
  await bed.settle();
  expect(bed.restarts).toEqual([]);
  expect(ownPeakMib()).toBeLessThan(CAP_MIB + BESIDE_MIB);
});
