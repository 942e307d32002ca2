import { expect, test } from 'vitest';
import { startServerProcess } from '#main/demo/server-process.ts';
import { startWorld } from '../testbed/world.ts';

test(
  'a second server on the same data says who owns it and leaves the first alone',
  { timeout: 60_000 },
  async () => {
    await using world = await startWorld();
    const second = startServerProcess({ configFile: world.configFile, dataDir: world.server.dataDir });
    await expect(second).rejects.toThrow(new RegExp(String.raw`\(75\)[\s\S]*${world.server.pid}`));
    expect((await world.server.api('GET', '/healthz')).status).toBe(200);
  },
);
