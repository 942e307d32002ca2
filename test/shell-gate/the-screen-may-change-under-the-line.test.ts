import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PtyShell } from './pty-shell.ts';

const BASH = { command: ['bash', '--norc', '--noprofile', '-i'] } as const;
const denials = (shell: PtyShell): number =>
  shell.judged.filter((one) => one.judgement.verdict === 'deny').length;

describe('a forbidden line is stopped', () => {
  it('when the terminal is resized while it is typed', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('true aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; s');
    await shell.until('echo', () => shell.lastRow.endsWith('; s'));
    shell.resize(30, 10);
    shell.type('u -\r');
    await shell.until('the denial', () => denials(shell) === 1);
    expect(shell.ran).toEqual([]);
  });

  it('when background output is mixed into it', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('(sleep 0.3; echo noise; echo "me@asset:~# ") &\r');
    await shell.until('the start', () => shell.judged.length === 1);
    await shell.prompt();
    shell.type('s');
    await shell.until('the noise', () => shell.screen.includes('noise\n'));
    shell.type('u\r');
    await shell.until('the denial', () => denials(shell) === 1);
    expect(shell.ran).toEqual([]);
  });

  it('after a flood of output', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('yes "me@asset:~# text" | head -c 3000000; printf "\\033[?1049h\\033[?1049l"\r');
    await shell.until('the flood', () => shell.output.length > 3_000_000, 30_000);
    await shell.prompt();
    shell.type('su\r');
    await shell.until('the denial', () => denials(shell) === 1);
    await shell.prompt();
    await shell.mark('after');
    expect(shell.ran).toEqual(['mark after']);
  });

  it('inside a terminal multiplexer', async () => {
    const files = { '.tmux.conf': 'set -g default-command "bash --norc --noprofile -i"\n' };
    await using shell = new PtyShell({ ...BASH, files });
    const socket = join(shell.folder, 'tmux');
    await shell.prompt();
    try {
      shell.type(`tmux -S ${socket} -f .tmux.conf new-session -s t\r`);
      await shell.until('the multiplexer', () => /me@asset[^]*\[t\]/.test(shell.screen));
      shell.type('su\r');
      await shell.until('the denial', () => denials(shell) === 1);
      // The multiplexer draws by position, so the message stands in its way; the bytes tell.
      const seen = shell.output.length;
      await shell.until('a prompt', () => shell.output.slice(seen).includes('me@asset'));
      shell.type('mark inside\r');
      await shell.until('an innocent line', () => shell.ran.length > 0);
      expect(shell.ran).toEqual(['mark inside']);
    } finally {
      spawnSync('tmux', ['-S', socket, 'kill-server']);
    }
  });
});

it('leaves what is typed in a pager or editor alone, however much it is', async () => {
  await using shell = new PtyShell(BASH);
  await shell.prompt();
  shell.type('vim -u NONE notes\r');
  await shell.until('the editor', () => shell.screen.includes('~\n~'));
  shell.type(`i${'su -\r'.repeat(5_000)}\u001b:wq\r`);
  await shell.prompt();
  shell.type('mark "$(wc -l < notes)"\r');
  await shell.until('the count', () => shell.ran.length === 1);
  expect(shell.ran).toEqual(['mark 5001']);
  expect(denials(shell)).toBe(0);
});
