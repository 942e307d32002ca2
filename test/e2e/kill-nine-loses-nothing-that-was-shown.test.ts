import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServerProcess, type ServerProcess } from '#main/demo/server-process.ts';
import type { World } from '#main/demo/world.ts';
import { killPoints, runSeed, seeded } from '../testbed/seeds.ts';
import { startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';
import { observe } from '#main/demo/observe.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
}, 60_000);

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Items<T> {
  readonly items: readonly T[];
}

/** The text that a recording says was shown, from its asciicast export. */
function shownIn(cast: string): string {
  return cast
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as [number, string, string])
    .filter(([, kind]) => kind === 'o')
    .map(([, , text]) => text)
    .join('');
}

test(
  'after kill -9 at any point, what the person saw is in a recording that verifies and says it ended abnormally',
  { timeout: 600_000 },
  async () => {
    const random = seeded(runSeed('kill -9'));
    let server: ServerProcess = world.server;
    for (let point = 0; point < killPoints(); point += 1) {
      const run = await startSsh(
        asAlice(world, 'web01', {
          port: server.sshPort,
          command: [
            `i=0; while [ $i -lt 100000 ]; do echo point-${point}-line-$i; i=$((i+1)); done; sleep 1000`,
          ],
        }),
      );
      let seen = '';
      run.process.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString('utf8');
      });
      // The kill comes after a random amount was seen, so that it hits set-up, bulk and idle alike.
      const line = Math.floor(random() ** 3 * 60_000);
      await run.shows(`point-${point}-line-${line}\n`);
      await server.kill();
      await run.exited;
      server = await startServerProcess({ configFile: world.configFile, dataDir: world.server.dataDir });
      const sessions = await server.api<Items<{ id: string; endReason: string }>>(
        'GET',
        '/v1/sessions?user=alice&limit=1',
      );
      const session = sessions.body.items[0];
      expect(session?.endReason).toBe('crash');
      const recordings = await server.api<Items<{ id: string; state: string }>>(
        'GET',
        `/v1/sessions/${session?.id}/recordings`,
      );
      const recording = recordings.body.items[0];
      expect(recording?.state).toBe('abnormal');
      const verified = await server.api<{
        intact: boolean;
        signed: boolean;
        complete: boolean;
        problem: string | null;
      }>('POST', `/v1/recordings/${recording?.id}/verify`);
      expect(verified.body).toMatchObject({ intact: true, signed: true, complete: false });
      const cast = await server.api<string>('GET', `/v1/recordings/${recording?.id}/asciicast`);
      expect(
        shownIn(cast.body).startsWith(seen),
        `all ${seen.length} characters that were shown are recorded`,
      ).toBe(true);
      // The event that opened access was acknowledged before access opened, so it must be there.
      await observe(
        server,
        `/v1/events?session=${session?.id}&type=session.started`,
        (body) => (body as Items<object>).items[0],
      );
    }
    await server.stop();
  },
);
