import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { observe } from '#main/demo/observe.ts';
import { runSsh, startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

/** The child processes of a process whose command line has the word. */
async function children(pid: number, word: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    if (Number(/^\d+ \(.*\) \S (\d+)/.exec(stat)?.[1]) !== pid) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(word)) found.push(Number(entry));
  }
  return found;
}

test(
  'the engine is killed: sessions go on, it is started again, and every event is found exactly once',
  { timeout: 90_000 },
  async () => {
    await using world = await startWorld();
    const live = await startSsh(asAlice(world, 'web01', { terminal: true }));
    await live.shows(/[$#] /);
    for (let round = 0; round < 3; round += 1) {
      const [engine] = await children(world.server.pid, 'archive');
      expect(engine, 'the engine is a child process').toBeDefined();
      process.kill(engine ?? 0, 'SIGKILL');
      const ran = await runSsh(asAlice(world, 'web01', { command: ['echo', `survivor${round}`] }));
      expect(ran.code, ran.screen).toBe(0);
      const from = live.screen().length;
      live.type(`echo alive-"${round}"\r`);
      await live.shows(`alive-${round}`, from);
      await observe(
        world.server,
        `/v1/events?text=survivor${round}&type=command.*`,
        (body) => (body as { items: object[] }).items[0],
      );
      const again = await world.server.api<{ items: object[] }>(
        'GET',
        `/v1/events?text=survivor${round}&type=command.*`,
      );
      expect(again.body.items).toHaveLength(1);
    }
    await observe(world.server, '/v1/events?type=archive.engine_restarted', (body) =>
      (body as { items: object[] }).items.length >= 3 ? true : undefined,
    );
  },
);
