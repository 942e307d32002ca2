import { expect, test } from 'vitest';
import type { OffenseDetail } from '#contract/resources/offense.ts';
import { item, observe } from '#main/demo/observe.ts';
import { runSsh, startSsh } from '../testbed/ssh.ts';
import { asAlice, startWorld } from '../testbed/world.ts';

/** 100 MB that take twenty seconds at least, so that the cut falls into the midst of them. */
const DOWNLOAD = 'for i in $(seq 100); do head -c 1000000 /dev/zero | tr "\\0" x; sleep 0.2; done';
const WHOLE_BYTES = 100_000_000;
const PROMPT = /[$#] (?:\u001B\[[0-9;?]*[a-z])*$/i;

test(
  'two assets, three sessions, one in mid-download: all cut, the next login fails like a mistyped one, bob works on',
  {
    timeout: 120_000,
  },
  async () => {
    await using world = await startWorld();
    const { server, account } = world;
    const mistyped = await runSsh(asAlice(world, 'web01', { password: 'mistyped', command: ['true'] }));
    expect(mistyped.code).toBe(255);

    const bob = await startSsh({
      ...asAlice(world, 'web01', { password: world.people.bob.password, terminal: true }),
      user: `bob@${account}@web01`,
    });
    await bob.shows(PROMPT);
    const shell = await startSsh(asAlice(world, 'web01', { terminal: true }));
    await shell.shows(PROMPT);
    const other = await startSsh(asAlice(world, 'db01', { terminal: true }));
    await other.shows(PROMPT);
    const download = await startSsh(asAlice(world, 'db01', { command: [DOWNLOAD] }));
    await download.shows('xxxxxxxx');

    for (const [run, line] of [
      [shell, 'su -'],
      [other, 'passwd root'],
      [shell, '/bin/su'],
    ] as const) {
      const from = run.screen().length;
      run.type(`${line}\r`);
      await run.shows(/Command `[^`]*` is forbidden/, from);
    }

    expect(await Promise.all([shell.exited, other.exited, download.exited])).toEqual([255, 255, 255]);
    for (const run of [shell, other, download])
      expect(run.screen().slice(-200)).toContain('Terminated by admin portcullis');
    expect(download.screen().length).toBeLessThan(WHOLE_BYTES);

    // Whoever knocks at once and again stays out, and learns no more than somebody who mistyped.
    for (let knock = 0; knock < 3; knock++) {
      const refused = await runSsh(asAlice(world, 'web01', { command: ['true'] }));
      expect(refused).toEqual(mistyped);
    }

    const offense = await observe(server, '/v1/offenses?status=open', item({ entity: 'gateway:alice' }));
    expect(offense).toMatchObject({ episode: 1, severity: 'high' });
    const detail = await observe(server, `/v1/offenses/${String(offense['number'])}`, (body) => {
      const found = body as OffenseDetail;
      return found.actions.some((one) => one.state === 'verified') ? found : undefined;
    });
    expect(detail.evidence.map((one) => [one.event.command, one.event.asset])).toEqual([
      ['su -', 'web01'],
      ['passwd root', 'db01'],
      ['/bin/su', 'web01'],
    ]);
    expect(detail.cut).toHaveLength(3);
    expect(detail.cut.flatMap((one) => one.channels).join('\n')).toContain('head -c 1000000');

    const from = bob.screen().length;
    bob.type('echo still" "here\r');
    await bob.shows('still here', from);
    bob.type('exit\r');
    expect(await bob.exited).toBe(0);
  },
);
