import { describe, expect, it } from 'vitest';
import { PtyShell } from './pty-shell.ts';

const SHELLS = {
  bash: { command: ['bash', '--norc', '--noprofile', '-i'] },
  dash: { command: ['dash', '-i'], environment: { PS1: 'me@asset:~$ ' } },
} as const;

describe.each(Object.entries(SHELLS))('in %s', (_name, options) => {
  it.each([
    ['an alias', ['alias x=env'], 'x su -'],
    ['a function', ['x() { env "$@"; }'], 'x su -'],
    ['a function over several lines', ['x() {', 'env "$@"', '}'], 'x su -'],
    ['a variable', ['X=su'], '$X -'],
    ['parameters', ['set -- env su'], '"$@"'],
  ])('stops a line that is forbidden by %s', async (_what, lines, forbidden) => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    for (const line of lines) {
      shell.type(`${line}\r`);
      await shell.until(line, () => shell.judged.some((one) => one.line.endsWith(line)));
      if (line === lines.at(-1)) await shell.prompt();
    }
    shell.type(`${forbidden}\r`);
    await shell.until('message', () => shell.output.includes('Command `su` is forbidden'));
    await shell.prompt();
    await shell.mark('after');
    expect(shell.ran).toEqual(['mark after']);
    expect(shell.failures).toEqual([]);
  });

  it('takes the definition that holds', async () => {
    await using shell = new PtyShell(options);
    await shell.prompt();
    for (const line of ['alias x=env', 'unalias x', 'X=su', 'X=mark', '$X one']) {
      shell.type(`${line}\r`);
      await shell.until(line, () => shell.judged.some((one) => one.line === line));
      await shell.prompt();
    }
    expect(shell.ran).toEqual(['mark one']);
    expect(shell.judged.every((one) => one.judgement.verdict === 'allow')).toBe(true);
  });
});
