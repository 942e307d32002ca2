import { expect, test } from 'vitest';
import { observe } from '#main/demo/observe.ts';
import { runSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

interface Found {
  readonly items: readonly { readonly time: number; readonly command?: string }[];
}

test('a command is found by its text within two seconds after it ran', { timeout: 60_000 }, async () => {
  await using world = await startWorld();
  for (const word of ['quokka', 'wombat', 'numbat']) {
    const ran = await runSsh(asAlice(world, 'web01', { command: ['echo', word] }));
    expect(ran.code, ran.screen).toBe(0);
    const found = await observe(
      world.server,
      `/v1/events?text=${word}&user=alice&type=command.*`,
      (body) => (body as Found).items[0],
    );
    expect(found.command).toContain(word);
    expect(Date.now() - found.time).toBeLessThan(2_000);
  }
});
