import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBed, type Bed } from './bed.ts';
import { ssh, startSsh } from './run-ssh.ts';
import { forbidding } from '../testbed/command-rules.ts';

const run = promisify(execFile);

let bed: Bed;
let target: string;
beforeAll(async () => {
  bed = await openBed({
    logLevel: 'warn',
    commandRules: [forbidding('no-identity-change', 'su')],
  });
  target = `alice@${bed.sshd.account}@web01`;
});
afterAll(() => bed[Symbol.asyncDispose]());

/** Quoted apart, so that the echo of the command is not taken for its output. */
const say = (word: string): string => `echo ${word.slice(0, 1)}""${word.slice(1)}\n`;

test('a shell runs what is typed, and its exit code is the exit code', async () => {
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type(say('hello'));
  await running.shows(/hello/);
  running.type('exit 9\n');
  expect((await running.finished).code).toBe(9);
  const line = await bed.event('command.allowed', (event) => event.command === 'exit 9');
  expect(line).toMatchObject({ user: 'alice', asset: 'web01', data: { kind: 'shell' } });
});

test('Ctrl-C interrupts what runs, and the shell goes on', async () => {
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  // The word is said by the process that sleeps: a Ctrl-C before it is in the foreground would miss it.
  running.type(`sh -c '${say('begun').trim()}; exec sleep 600'\n`);
  await running.shows(/begun/);
  running.type('\x03');
  running.type('echo status=$?\n');
  await running.shows(/status=130/);
  running.type('exit\n');
  expect((await running.finished).code).toBe(0);
});

test('a denied line is not run, is taken off the line, and the shell goes on', async () => {
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type(say('ready'));
  await running.shows(/ready/);
  running.type('su - nobody\n');
  await running.shows(/Command `su` is forbidden/);
  const denied = await bed.event('command.denied', (event) => event.command === 'su - nobody');
  expect(denied).toMatchObject({ user: 'alice', data: { rule: 'no-identity-change', kind: 'shell' } });
  await running.shows(/forbidden[^]*[$#] /);
  running.type(say('after'));
  await running.shows(/after/);
  running.type('exit\n');
  expect((await running.finished).code).toBe(0);
});

test('a name that the session gave to something forbidden is known by what it stands for', async () => {
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type(say('ready'));
  await running.shows(/ready/);
  running.type('alias x=env\n');
  running.type(say('defined'));
  await running.shows(/defined/);
  running.type('x su - nobody\n');
  await running.shows(/Command `su` is forbidden/);
  expect(await bed.event('command.denied', (event) => event.command === 'x su - nobody')).toBeDefined();
  // Before the shell has answered, what is typed still counts as the rest of what was stopped.
  await running.shows(/forbidden[^]*[$#] /);
  running.type('exit 3\n');
  expect((await running.finished).code).toBe(3);
});

test('a shell without a terminal knows the names of its script', async () => {
  const done = await ssh(['-T', ...bed.ssh(target)], 'f() { env "$@"; }\nf su -\nf echo two\n');
  expect(done.stdout.toString()).toBe('two\n');
  expect(done.stderr).toBe('Command `su` is forbidden\n');
});

test('a shell without a terminal reads a script; a denied line is left out', async () => {
  const done = await ssh(['-T', ...bed.ssh(target)], 'echo one\nsu -\necho two\nexit 4\n');
  expect(done.stdout.toString()).toBe('one\ntwo\n');
  expect(done.stderr).toBe('Command `su` is forbidden\n');
  expect(done.code).toBe(4);
});

test('the window has the size of the terminal, and follows it', async () => {
  const socket = join(bed.folder, 'tmux');
  const fifo = join(bed.folder, 'screen');
  const tmux = (...args: readonly string[]) => run('tmux', ['-f', '/dev/null', '-S', socket, ...args]);
  await run('mkfifo', [fifo]);
  const command = ['ssh', ...bed.ssh(target)].map((word) => `'${word}'`).join(' ');
  await tmux('new-session', '-d', '-s', 'w', '-x', '93', '-y', '31', command);
  try {
    const screen = watch(fifo);
    await tmux('pipe-pane', '-t', 'w', '-o', `cat > ${fifo}`);
    await tmux('send-keys', '-t', 'w', 'stty size; echo s""hown', 'Enter');
    expect(await screen.shows(/shown/)).toMatch(/31 93[^]*shown/);
    await tmux('resize-window', '-t', 'w', '-x', '120', '-y', '40');
    await tmux('send-keys', '-t', 'w', 'stty size; echo a""gain', 'Enter');
    expect(await screen.shows(/again/)).toMatch(/40 120[^]*again/);
  } finally {
    await tmux('kill-server');
  }
});

function watch(file: string): { shows(pattern: RegExp): Promise<string> } {
  let text = '';
  const watchers = new Set<() => void>();
  createReadStream(file).on('data', (chunk) => {
    text += chunk.toString();
    for (const look of watchers) look();
  });
  return {
    shows: (pattern) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const look = (): void => {
        if (!pattern.test(text)) return;
        watchers.delete(look);
        resolve(text);
      };
      watchers.add(look);
      look();
      return promise;
    },
  };
}

test('what is typed where nothing is echoed is not kept', async () => {
  await using running = startSsh(['-tt', ...bed.ssh(target)]);
  running.type(say('ready'));
  await running.shows(/ready/);
  running.type('read -s -p "Sec""ret: " word; echo "got ${#word}"\n');
  await running.shows(/Secret: $/);
  running.type('hunter2-hunter2\n');
  await running.shows(/got 15/);
  running.type('exit\n');
  await running.finished;
  const events = await bed.events();
  expect(JSON.stringify(events)).not.toContain('hunter2');
});
