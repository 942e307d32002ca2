import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inEachShell } from './each-shell.ts';
import type { Person } from './person.ts';

/** Enters the inner shell, shows that the filter is awake there and behind it, and comes back. */
async function shellInside(one: Person, enter: string, leave: string): Promise<void> {
  await one.mark();
  const outer = one.ran.length;
  one.type(`${enter}\r`);
  await one.until('the inner shell', () => one.home.read('inner') !== '', 15_000);
  expect(await one.stopped(() => one.type('su -\r'))).toEqual([]);
  expect(await one.runs(['mark inside'], () => one.type('mark inside\r'))).toEqual(['mark inside']);
  expect(one.ranSince(outer)).toEqual(['mark inside']);
  one.type(leave);
  // What is typed at once would be read by what is just ending.
  await one.terminal.quiet(() => String(one.terminal.output.length));
  expect(await one.stopped(() => one.type('su -\r'))).toEqual([]);
}

inEachShell((_shell, { bed, enter }) => {
  const prepared = async (): Promise<Person> => {
    const one = await enter();
    const { home } = one;
    home.write('inner', '');
    // The inner shell is of the same kind, and tells when it starts.
    home.write(
      'inner-shell',
      `#!/bin/sh\necho started > ${home.path}/inner\ncd ${home.path}\n. ./enter-shell\n`,
    );
    home.makeProgram('inner-shell');
    return one;
  };

  it('started by hand', async () => {
    const one = await prepared();
    await shellInside(one, 'sh ./inner-shell', 'exit\r');
  });

  it('on another host', async () => {
    const one = await prepared();
    const { sshd } = bed().bed;
    one.home.write(
      'ssh-config',
      `Host hop
  HostName 127.0.0.1
  Port ${sshd.port}
  User ${sshd.account}
  IdentityFile ${sshd.privateKeyFile}
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
  SetEnv PORTCULLIS_TEST_HOME=${one.home.path} PORTCULLIS_TEST_INNER=1
`,
    );
    await shellInside(one, 'ssh -F ssh-config hop', 'exit\r');
  });

  it('in tmux', async () => {
    const one = await prepared();
    const socket = join(one.home.path, 'tmux');
    one.home.write('tmux.conf', `set -g default-command ${one.home.path}/inner-shell\n`);
    try {
      await shellInside(one, 'tmux -S tmux -f tmux.conf new-session', 'exit\r');
    } finally {
      spawnSync('tmux', ['-S', socket, 'kill-server']);
    }
  });

  it('in tmux, typed ahead behind an unknown command that takes its time', async () => {
    const one = await prepared();
    const socket = join(one.home.path, 'tmux');
    one.home.write('tmux.conf', `set -g default-command ${one.home.path}/inner-shell\n`);
    try {
      one.type('tmux -S tmux -f tmux.conf new-session\r');
      await one.until('the inner shell', () => one.home.read('inner') !== '', 15_000);
      await one.mark();
      const start = one.at();
      const before = one.denials;
      one.type('mark began; sleep 1; mark slow\r');
      await one.until('the start', () => one.ranSince(start).includes('mark began'));
      one.type('su -\r');
      await one.until('a denial', () => one.denials > before);
      expect(await one.runs(['mark later'], () => one.type('mark later\r'))).toEqual(['mark later']);
      expect(one.ranSince(start)).not.toContain('su -');
      await one.prompt();
      one.type('exit\r');
      await one.until('the outer shell', () => one.terminal.screen.includes('[exited]'));
      await one.mark();
    } finally {
      spawnSync('tmux', ['-S', socket, 'kill-server']);
    }
  });

  it('in screen', async () => {
    const one = await prepared();
    one.home.write('screenrc', `startup_message off\nshell ${one.home.path}/inner-shell\n`);
    one.home.write('screens/.keep', '');
    one.home.makeProgram('screens', 0o700);
    await shellInside(one, 'env SCREENDIR=$HOME/screens screen -c screenrc', 'exit\r');
  });
});
