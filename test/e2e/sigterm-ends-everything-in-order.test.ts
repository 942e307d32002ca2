import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startServerProcess } from '#main/demo/server-process.ts';
import { startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

async function childrenOf(pid: number): Promise<readonly number[]> {
  const { readFile } = await import('node:fs/promises');
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = /^\d+ \(.*\) \S (\d+)/.exec(status)?.[1];
    if (Number(parent) === pid) found.push(Number(entry));
  }
  return found;
}

test(
  'SIGTERM tells people, closes what is open, leaves no process behind and exits 0',
  { timeout: 60_000 },
  async () => {
    await using world = await startWorld();
    const session = await startSsh(asAlice(world, 'web01', { terminal: true }));
    await session.shows(/[$#] /);
    const children = await childrenOf(world.server.pid);
    expect(children.length).toBeGreaterThan(0);
    const code = await world.server.stop();
    expect(code, world.server.log()).toBe(0);
    expect(await session.exited).not.toBe(0);
    for (const child of children)
      expect(() => process.kill(child, 0), `process ${child} is gone`).toThrow('ESRCH');

    const again = await startServerProcess({ configFile: world.configFile, dataDir: world.server.dataDir });
    const sessions = await again.api<{ items: { state: string; endReason: string | null }[] }>(
      'GET',
      '/v1/sessions?user=alice',
    );
    expect(sessions.body.items.map((one) => one.state)).toEqual(['ended']);
    expect(sessions.body.items[0]?.endReason).not.toBe('crash');
    await again.stop();
  },
);
