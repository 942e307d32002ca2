import { mkdtempDisposable, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { observe } from '#main/demo/observe.ts';
import { cli } from '../cli/cli-bed.ts';
import { CONNECTOR, refusedLine, startCompanionWorld } from './companion-world.ts';

interface Found {
  readonly items: readonly { readonly time: number; readonly user?: string }[];
}

test(
  'a packed file is stored as history: found by search, once, and no rule counts it',
  { timeout: 120_000 },
  async () => {
    await using companion = await startCompanionWorld();
    const { world } = companion;
    const { server } = world;
    await server.api('POST', '/v1/log-sources', { name: 'jms', address: '127.0.0.1', realm: CONNECTOR });
    await using folder = await mkdtempDisposable(join(tmpdir(), 'portcullis-import-'));
    const path = join(folder.path, 'old.log');
    const refused = Array.from({ length: 5 }, () => refusedLine('Alice Li(alice)', 'none', 'su history'));
    const login =
      '<38>Dec 31 23:59:58 web01 sshd[4]: Failed password for invalid user mallory from 192.0.2.66 port 4022 ssh2\n';
    await writeFile(path, gzipSync(`${refused.join('')}${login}what is this\n`));
    const written = new Date('2025-01-01T00:00:00Z');
    await utimes(path, written, written);

    const args = ['intake', 'file', path, '--source', 'jms', '--json', '--data', server.dataDir];
    const first = await cli(args);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({ source: 'jms', lines: 7, events: 7, failed: 1, cut: 0 });
    const again = await cli(args);
    expect(JSON.parse(again.out)).toMatchObject({ lines: 7 });

    const found = await observe(server, '/v1/events?text=history&type=command.denied', (body) =>
      (body as Found).items.length >= 5 ? (body as Found).items : undefined,
    );
    expect(found).toHaveLength(5);
    const failed = await observe(server, '/v1/events?text=mallory&type=login.failed', (body) =>
      (body as Found).items.at(0),
    );
    expect(new Date(failed.time).toISOString()).toBe('2024-12-31T23:59:58.000Z');

    // Detection has passed everything that is stored: three at once would have been enough.
    await observe(server, '/v1/doctor', (body) => {
      const { checks } = body as { readonly checks: readonly { name: string; status: string }[] };
      return checks.find(({ name }) => name === 'detection')?.status === 'ok' ? true : undefined;
    });
    expect((await server.api<Found>('GET', '/v1/offenses')).body.items).toEqual([]);
    expect(companion.alice.isActive).toBe(true);

    const own = await server.api('POST', '/v1/log-sources/Gateway/import', {
      file: 'x',
      firstLine: 1,
      writtenAt: 0,
      lines: ['x'],
    });
    expect(own.status).toBe(400);
  },
);
