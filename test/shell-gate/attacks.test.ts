import { describe, expect, it } from 'vitest';
import { PtyShell, type PtyShellOptions } from './pty-shell.ts';

const BASH: PtyShellOptions = { command: ['bash', '--norc', '--noprofile', '-i'] };
const DASH: PtyShellOptions = { command: ['dash', '-i'], environment: { PS1: 'me@asset:~$ ' } };
const ZSH: PtyShellOptions = {
  command: ['zsh', '-i'],
  files: { '.zshrc': "bindkey -e\nPROMPT='me@asset:%~%# '\n" },
};

/** Types each piece when what the one before did is over. Returns what ran of the forbidden. */
async function forbiddenRunOf(
  options: PtyShellOptions,
  pieces: readonly string[],
): Promise<readonly string[]> {
  await using shell = new PtyShell(options);
  await shell.until('prompt', () => /me@asset:\S*[$#%]$/.test(shell.lastRow));
  for (const keys of pieces) {
    shell.type(keys);
    await shell.quiet(700);
  }
  expect(shell.judged.length).toBeGreaterThan(0);
  return shell.ran.filter((line) => line.startsWith('su'));
}

describe('text in what looks like an answer of the terminal is stopped behind the cursor', () => {
  it.each([
    ['bash', BASH],
    ['zsh', ZSH],
  ])('in %s', async (_name, options) => {
    const pieces = ['mark a\r', '\u001b];su x\u001b\\', '\u0001', 'mark b', '\r'];
    expect(await forbiddenRunOf(options, pieces)).toEqual([]);
  });
});

describe('a shell whose prompt was taken away is still a shell behind a program', () => {
  it.each([
    ['bash', BASH, `PS1=''; cat\r`],
    ['dash', DASH, `PS1=''; cat\r`],
    ['zsh', ZSH, `PS1='go '; cat\r`],
    ['bash, by an export', BASH, `export PS1='go '; cat\r`],
  ])('in %s', async (_name, options, line) => {
    expect(await forbiddenRunOf(options, [line, '\u0004', 'su x\r'])).toEqual([]);
  });

  it('when the prompt was taken away by a line before', async () => {
    expect(await forbiddenRunOf(BASH, [`PS1=''\r`, 'cat\r', '\u0004', 'su x\r'])).toEqual([]);
  });
});

describe('a forbidden line in the grammar of zsh is stopped', () => {
  it.each([
    'noglob su x',
    'nocorrect su x',
    '- su x',
    'repeat 1 su x',
    '=su x',
    '{ true } always { su x }',
    'echo ${$(su x)}',
    'true # ; su x',
  ])('%s', async (line) => {
    expect(await forbiddenRunOf(ZSH, [`${line}\r`])).toEqual([]);
  });

  it('behind a quote that zsh does not take for a comment', async () => {
    expect(await forbiddenRunOf(ZSH, ['true # "\r', '"; su x\r'])).toEqual([]);
  });
});

it('what stands behind # is stopped where bash takes no comments', async () => {
  expect(await forbiddenRunOf(BASH, ['shopt -u interactive_comments\r', 'true # ; su x\r'])).toEqual([]);
});

describe('a forbidden line out of history is stopped on a screen that shows it as something else', () => {
  const long = `mark ${'x'.repeat(90)}; su x`;
  it.each([
    ['in line drawing characters', 'su x', '(0'],
    ['in line drawing characters, shifted out', 'su x', ')0\\016'],
    ['where characters push others aside', 'su x', '[4h'],
    ['where long lines are cut off', long, '[?7l'],
    ['where rows count from another one', 'su x', '[5;10r\\033[?6h'],
  ])('%s', async (_name, line, sequence) => {
    const pieces = [`history -s '${line}'\r`, `printf '\\033${sequence}'\r`, '\u001b[A', '\u001b[A', '\r'];
    expect(await forbiddenRunOf(BASH, pieces)).toEqual([]);
  });
});
