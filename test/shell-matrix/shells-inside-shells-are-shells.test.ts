import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inEachShell } from './each-shell.ts';
import type { Person } from './person.ts';

/** Enters the inner shell, tries the filter in it and behind it, and comes back. Returns what ran in each. */
async function shellInside(
  one: Person,
  enter: string,
  leave: string,
): Promise<readonly (readonly string[])[]> {
  await one.mark();
  await enterInner(one, enter);
  const stopped = await one.stopped(() => one.type('su -\r'));
  const ran = await one.runs(['mark inside'], () => one.type('mark inside\r'));
  one.type(leave);
  // What is typed at once would be read by what is just ending.
  await one.terminal.quiet(() => String(one.terminal.output.length));
  return [stopped, ran, await one.stopped(() => one.type('su -\r'))];
}

/** A shell that is interrupted while it reads its start-up files is not the one that the test is about. */
async function enterInner(one: Person, enter: string): Promise<void> {
  const before = one.terminal.output.length;
  one.type(`${enter}\r`);
  await one.until('the inner shell', () => one.home.read('inner') !== '', 15_000);
  const answer = (): string => one.terminal.output.slice(before);
  await one.until('its prompt', () => /\n[^]*me@asset/.test(answer()), 15_000);
  await one.prompt();
}

const AS_IT_SHOULD_BE = [[], ['mark inside'], []];

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
    expect(await shellInside(one, 'sh ./inner-shell', 'exit\r')).toEqual(AS_IT_SHOULD_BE);
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
    expect(await shellInside(one, 'ssh -F ssh-config hop', 'exit\r')).toEqual(AS_IT_SHOULD_BE);
  });

  it('in tmux', async () => {
    const one = await prepared();
    const socket = join(one.home.path, 'tmux');
    one.home.write('tmux.conf', `set -g default-command ${one.home.path}/inner-shell\n`);
    try {
      expect(await shellInside(one, 'tmux -S tmux -f tmux.conf new-session', 'exit\r')).toEqual(
        AS_IT_SHOULD_BE,
      );
    } finally {
      spawnSync('tmux', ['-S', socket, 'kill-server']);
    }
  });

  it('in tmux, typed ahead behind an unknown command that takes its time', async () => {
    const one = await prepared();
    const socket = join(one.home.path, 'tmux');
    one.home.write('tmux.conf', `set -g default-command ${one.home.path}/inner-shell\n`);
    try {
      await enterInner(one, 'tmux -S tmux -f tmux.conf new-session');
      await one.mark();
      const start = one.at();
      const before = one.denials;
      one.type('mark began; sleep 1; mark slow\r');
      await one.until('the start', () => one.ranSince(start).includes('mark began'));
      one.type('su -\r');
      await one.until('a denial', () => one.denials > before);
      // Faster than people, what is typed at once is still taken for the rest of a paste.
      await one.prompt();
      await one.terminal.quiet(() => String(one.terminal.output.length));
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
    expect(await shellInside(one, 'env SCREENDIR=$HOME/screens screen -c screenrc', 'exit\r')).toEqual(
      AS_IT_SHOULD_BE,
    );
  });
});
