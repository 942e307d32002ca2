import { describe, expect, it } from 'vitest';
import { PtyShell } from './pty-shell.ts';

const SHELLS = {
  bash: { command: ['bash', '--norc', '--noprofile', '-i'] },
  dash: { command: ['dash', '-i'], environment: { PS1: 'me@asset:~$ ' } },
} as const;

describe.each(Object.entries(SHELLS))('in %s', (_name, options) => {
  it('stops a typed line, says so, and gives the prompt back', async () => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    for (const key of 'su -') shell.type(key);
    shell.type('\r');
    await shell.until('message', () => shell.output.includes('Command `su` is forbidden'));
    expect(shell.output).toContain('\r\n\u001B[31mCommand `su` is forbidden\r\n\u001B[0m');
    await shell.prompt();
    await shell.mark('after');
    expect(shell.ran).toEqual(['mark after']);
    expect(shell.failures).toEqual([]);
    expect(shell.judged.map((one) => [one.line, one.judgement.verdict, one.reader])).toEqual([
      ['su -', 'deny', 'shell'],
      ['mark after', 'allow', 'shell'],
    ]);
  });

  it('runs innocent lines once and unchanged', async () => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    for (const word of ['one', 'two', "'three su'", 'four']) {
      shell.type(`mark ${word}\r`);
      await shell.until(word, () => shell.ran.includes(`mark ${word.replaceAll("'", '')}`));
      await shell.prompt();
    }
    expect(shell.ran).toEqual(['mark one', 'mark two', 'mark three su', 'mark four']);
    expect(shell.judged.every((one) => one.mismatch === null)).toBe(true);
  });
});
