import { describe, expect, it } from 'vitest';
import { PtyShell } from './pty-shell.ts';

const SHELLS = {
  bash: { command: ['bash', '--norc', '--noprofile', '-i'] },
  dash: { command: ['dash', '-i'], environment: { PS1: 'me@asset:~$ ' } },
} as const;
const denials = (shell: PtyShell): number =>
  shell.judged.filter((one) => one.judgement.verdict === 'deny').length;

describe.each(Object.entries(SHELLS))('in %s', (name, options) => {
  it('runs what stands before a forbidden line and nothing behind it', async () => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    shell.type('mark 1\rmark 2\rsu -\rmark 3\rreboot\rmark 4\r');
    await shell.until('the denial', () => denials(shell) === 1);
    await shell.prompt();
    await shell.until('quiet', () => shell.ran.length === 2);
    await shell.quiet();
    await shell.mark('later');
    expect(shell.ran).toEqual(['mark 1', 'mark 2', 'mark later']);
    expect(denials(shell)).toBe(1);
  });

  it('runs fifty innocent lines once each, in order', async () => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    const words = Array.from({ length: 50 }, (_, index) => `mark ${index}`);
    shell.type(words.map((word) => `${word}\r`).join(''));
    await shell.until('all of them', () => shell.ran.length === 50, 20_000);
    expect(shell.ran).toEqual(words);
    expect(shell.judged.map((one) => one.line)).toEqual(words);
  });

  it('drops the rest of a stopped paste that arrives in pieces', async () => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    shell.type('su -\rmark a');
    shell.type('\rmark b\r');
    await shell.until('the denial', () => denials(shell) === 1);
    shell.type('mark c\r');
    await shell.prompt();
    await shell.quiet();
    await shell.mark('later');
    expect(shell.ran).toEqual(['mark later']);
  });

  it('stops a forbidden line in a marked paste', async () => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    shell.type('\u001b[200~mark 1\rsu -\rmark 2\u001b[201~\r');
    await shell.until('the denial', () => denials(shell) === 1);
    await shell.prompt();
    await shell.quiet();
    await shell.mark('later');
    expect(shell.ran.filter((line) => line !== 'mark 1')).toEqual(['mark later']);
    expect(shell.failures).toEqual([]);
    expect(name).toBeTruthy();
  });
});

it('lets an innocent marked paste of several lines run as one', async () => {
  await using shell = new PtyShell(SHELLS.bash);
  await shell.prompt();
  shell.type('\u001b[200~mark 1\rcat > f <<EOF\rsu -\rEOF\rmark 2\u001b[201~\r');
  await shell.until('both', () => shell.ran.length === 2);
  expect(shell.ran).toEqual(['mark 1', 'mark 2']);
  expect(denials(shell)).toBe(0);
});
