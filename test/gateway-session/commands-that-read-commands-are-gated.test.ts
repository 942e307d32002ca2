import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GRANT, openBed, type Bed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';
import { forbidding } from '../testbed/command-rules.ts';

let bed: Bed;
let target: string;
beforeAll(async () => {
  bed = await openBed({
    logLevel: 'warn',
    grants: [GRANT, { ...GRANT, name: 'bob-observed', users: ['bob'], mode: 'observe' }],
    commandRules: [forbidding('no-touching', 'touch')],
  });
  target = `alice@${bed.sshd.account}@web01`;
});
afterAll(() => bed[Symbol.asyncDispose]());

const exists = (file: string): Promise<boolean> =>
  readFile(join(bed.folder, file)).then(
    () => true,
    () => false,
  );

test.each(['bash', 'exec sh -i', "sh -c 'exec bash --norc'"])(
  'a terminal for `%s` is a shell: a denied line does not run in it',
  async (command) => {
    await using running = startSsh(['-tt', ...bed.ssh(target), command]);
    running.type('echo re""ady\n');
    await running.shows(/ready/);
    running.type(`touch ${bed.folder}/shell\n`);
    await running.shows(/Command `touch` is forbidden[^]*[$#] $/);
    running.type('echo af""ter\n');
    await running.shows(/after/);
    running.type('exit 5\n');
    expect((await running.finished).code).toBe(5);
    expect(await exists('shell')).toBe(false);
    const denied = await bed.event('command.denied', (event) => event.command?.endsWith('/shell') === true);
    expect(denied).toMatchObject({ user: 'alice', data: { rule: 'no-touching' } });
  },
);

test.each(['bash', 'sh -s', 'bash -i 2>/dev/null', 'cat | sh', "sh -c 'exec sh'"])(
  'what is sent to `%s` is a script: a denied line is left out',
  async (command) => {
    const done = await ssh(
      ['-T', ...bed.ssh(target), command],
      `echo one\ntouch ${bed.folder}/script\necho two\nexit 4\n`,
    );
    expect(done.stdout.toString()).toBe('one\ntwo\n');
    expect(done.stderr).toBe('Command `touch` is forbidden\n');
    expect(done.code).toBe(4);
    expect(await exists('script')).toBe(false);
  },
);

test('what is sent to a program that reads data is not looked at', async () => {
  const data = `touch ${bed.folder}/data\n\0\xff${'x'.repeat(200_000)}\n`;
  const done = await ssh(['-T', ...bed.ssh(target), 'cat'], Buffer.from(data, 'latin1'));
  expect(done.stdout.toString('latin1')).toBe(data);
  expect(done.stderr).toBe('');
});

test('an observed grant stops nothing, and tells', async () => {
  const observed = target.replace('alice', 'bob');
  const done = await ssh(['-T', ...bed.ssh(observed), 'bash'], `touch ${bed.folder}/observed\nexit 3\n`);
  expect(done.code).toBe(3);
  expect(await exists('observed')).toBe(true);
  const warned = await bed.event(
    'command.warned',
    (event) => event.user === 'bob' && event.command !== 'bash',
  );
  expect(warned).toMatchObject({ command: `touch ${bed.folder}/observed`, data: { mode: 'observe' } });
});

test('an editor works, whatever is written in it', async () => {
  const file = join(bed.folder, 'notes');
  await using running = startSsh(['-tt', ...bed.ssh(target), `vim -u NONE -N ${file}`]);
  await running.shows(/\x1b\[\?1049h[^]*notes/);
  running.type('itouch one\rtouch two\x1b');
  await running.shows(/touch two/);
  running.type(':wq\r');
  const done = await running.finished;
  expect(done.code).toBe(0);
  expect(await readFile(file, 'utf8')).toBe('touch one\ntouch two\n');
  expect(done.stdout.toString()).not.toContain('forbidden');
});
