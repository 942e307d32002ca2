import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSsh, startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

const root = process.getuid?.() === 0;

interface Items<T> {
  readonly items: readonly T[];
}

test.skipIf(!root)(
  'when the file system is full, recorded sessions end with a message, nothing unrecorded was shown, and freed space repairs it',
  { timeout: 120_000 },
  async () => {
    const mount = await mkdtemp(join(tmpdir(), 'portcullis-small-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', mount]);
    try {
      await using world = await startWorld({
        config: { retention: { reserve: '1MiB' } },
        dataDir: join(mount, 'data'),
      });
      const flood = await startSsh(
        asAlice(world, 'web01', { command: ['i=0; while :; do echo line-$i; i=$((i+1)); done'] }),
      );
      await flood.shows('line-1000');
      // The rest of the disk goes to something else, as it happens in life.
      await writeFile(join(mount, 'ballast'), Buffer.alloc(1 << 20)).catch(() => undefined);
      for (let part = 0; ; part += 1) {
        const full = await writeFile(join(mount, `ballast-${part}`), Buffer.alloc(8 << 20)).then(
          () => false,
          () => true,
        );
        if (full) break;
      }
      await flood.exited;
      expect(flood.screen()).toMatch(/record/i);
      const seen = flood
        .screen()
        .split('\n')
        .filter((line) => /^line-\d+$/.test(line.trim()));

      for (let part = 0; part < 200; part += 1) await rm(join(mount, `ballast-${part}`), { force: true });
      const after = await runSsh(asAlice(world, 'web01', { command: ['echo repaired'] }));
      expect(after.screen).toContain('repaired');

      const sessions = await world.server.api<Items<{ id: string; endReason: string | null }>>(
        'GET',
        '/v1/sessions?user=alice',
      );
      const ended = sessions.body.items.at(-1);
      const recordings = await world.server.api<Items<{ id: string }>>(
        'GET',
        `/v1/sessions/${ended?.id}/recordings`,
      );
      const cast = await world.server.api<string>(
        'GET',
        `/v1/recordings/${recordings.body.items[0]?.id}/asciicast`,
      );
      for (const line of [seen[0], seen[Math.floor(seen.length / 2)], seen.at(-2)])
        expect(cast.body).toContain(`${line?.trim()}\\n`);
    } finally {
      execFileSync('umount', ['-l', mount]);
      await rm(mount, { recursive: true, force: true });
    }
  },
);
