import { spawnSync } from 'node:child_process';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

const portcullis = join(import.meta.dirname, '../../bin/portcullis');

test(
  'a recording file verifies without server and key, and one flipped byte is named',
  { timeout: 60_000 },
  async () => {
    await using world = await startWorld();
    expect((await runSsh(asAlice(world, 'web01', { command: ['seq 1 1000'] }))).code).toBe(0);
    await world.server.stop();

    const files: string[] = [];
    for await (const file of glob(join(world.server.dataDir, 'recordings/**/*.pcrec'))) files.push(file);
    expect(files).toHaveLength(1);
    const [file = ''] = files;
    const good = spawnSync(portcullis, ['session', 'verify', file], { encoding: 'utf8' });
    expect(good.status, good.stderr).toBe(0);
    expect(good.stdout).toContain('as it was written');

    const bytes = await readFile(file);
    const at = Math.floor(bytes.length / 2);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await writeFile(file, bytes);
    const bad = spawnSync(portcullis, ['session', 'verify', file], { encoding: 'utf8' });
    expect(bad.status).toBe(65);
    expect(bad.stdout).toMatch(/ALARM at (header|frame \d+, byte \d+)/);
  },
);
