import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { startStorage, type Storage } from '#main/storage/start.ts';
import { killPoints, runSeed, seeded } from '../testbed/seeds.ts';
import { logger } from './backends.ts';
import { tempFolder } from '../testbed/temp-folder.ts';
import { storedEvents } from '../testbed/stored-events.ts';

interface Acknowledged {
  readonly published: Set<string>;
  readonly committed: Set<string>;
}

const POINTS = killPoints();

/** Runs the victim until it has acknowledged so many things, kills it, and notes all it had said. */
async function runAndKill(dataDir: string, seed: number, lines: number, said: Acknowledged): Promise<void> {
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'storage-victim.ts'), dataDir, String(seed)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const closed = once(child, 'close');
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    // A line cut by the kill was not acknowledged in full.
    const match = /^([pt]) ([0-9a-f-]{36})$/.exec(line);
    if (match?.[2] !== undefined) (match[1] === 'p' ? said.published : said.committed).add(match[2]);
    if (++seen === lines) child.kill('SIGKILL');
  }
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
}

async function storedIds(storage: Storage): Promise<readonly string[]> {
  return (await storedEvents(storage.stream)).map((event) => event.id);
}

it(
  `keeps every acknowledged event and commit over ${POINTS} kills, each event once`,
  async () => {
    await using folder = await tempFolder();
    const seed = runSeed('storage kill points');
    const random = seeded(seed);
    const said: Acknowledged = { published: new Set(), committed: new Set() };
    for (let point = 0; point < POINTS; point++) {
      await runAndKill(folder.path, seed + point, 1 + Math.floor(random() * 600), said);
      await using storage = await startStorage({ dataDir: folder.path, logger, onFailure: () => {} });
      await storage.relay.settled();
      const ids = await storedIds(storage);
      const stored = new Set(ids);
      expect(stored.size).toBe(ids.length);
      expect([...said.published].filter((id) => !stored.has(id))).toEqual([]);
      expect([...said.committed].filter((id) => !stored.has(id))).toEqual([]);
      // A change and its event are one: every row that is there has its event, also the unacknowledged ones.
      const rows = await storage.state.reader.selectFrom('settings').select('key').execute();
      const keys = new Set(rows.map((row) => row.key));
      expect([...keys].filter((key) => !stored.has(key))).toEqual([]);
      expect([...said.committed].filter((id) => !keys.has(id))).toEqual([]);
    }
    expect(said.committed.size).toBeGreaterThan(POINTS);
  },
  POINTS * 6_000,
);
