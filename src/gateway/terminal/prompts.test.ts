import { describe, expect, it } from 'vitest';
import { looksLikeShellPrompt, Prompts, splitPrompt } from './prompts.ts';

const knowing = (...prompts: readonly string[]): Prompts => {
  const known = new Prompts();
  for (const prompt of prompts) known.learn(prompt);
  return known;
};

describe('a known prompt', () => {
  it.each([
    ['root@web01:~# ', 'root@web01:/etc/nginx# '],
    ['[alice@db src]$ ', '[alice@db build]$ '],
    ['12:01:59 root@web# ', '13:44:02 root@web# '],
    ['bash-5.2$ ', 'bash-5.2$ '],
    ['$ ', 'output without a line end$ '],
  ])('%j is known again as %j', (learned, seen) => {
    expect(knowing(learned).isKnown(seen)).toBe(true);
  });

  it.each([
    ['root@web01:~# ', 'mysql> '],
    ['root@web01:~# ', 'Password: '],
    ['root@web01:~# ', ''],
    ['root@web01:~# ', '>>> '],
  ])('%j is not %j', (learned, seen) => {
    expect(knowing(learned).isKnown(seen)).toBe(false);
  });

  it('is cut from the line, the longest first', () => {
    const prompts = knowing('$ ', '(venv) $ ');
    expect(prompts.match('(venv) $ su -')).toEqual({ prompt: '(venv) $ ', rest: 'su -' });
    expect(prompts.match('$ su')).toEqual({ prompt: '$ ', rest: 'su' });
    expect(prompts.match('$')).toEqual({ prompt: '$ ', rest: '' });
  });

  it('is forgotten when there are too many', () => {
    const prompts = knowing(
      ...Array.from({ length: 100 }, (_, index) => `p${String.fromCharCode(97 + (index % 26))}${index}> `),
    );
    expect(prompts.startOf('pa0> x')).toBeUndefined();
    expect(prompts.startOf('pv99> x')).toBe('pv99> ');
  });
});

it('guesses where a prompt ends', () => {
  expect(splitPrompt('root@web01:~# su -')).toEqual({ prompt: 'root@web01:~# ', rest: 'su -' });
  expect(splitPrompt('$')).toEqual({ prompt: '$ ', rest: '' });
  expect(splitPrompt('no prompt here')).toBeUndefined();
});

it('tells prompts of shells from those of other programs', () => {
  for (const prompt of ['root@web01:~# ', '$ ', '% ', '➜ ', '❯ '])
    expect(looksLikeShellPrompt(prompt)).toBe(true);
  for (const prompt of ['mysql> ', '>>> ', 'prod=# ', 'prod=> ', 'Password: ', '', 'prod-# '])
    expect(looksLikeShellPrompt(prompt)).toBe(false);
});
