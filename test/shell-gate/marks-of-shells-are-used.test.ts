import { describe, expect, it } from 'vitest';
import { PtyShell } from './pty-shell.ts';

/** A prompt that never looks the same and ends in no sign, as themes draw them. */
const WORD = '$(date +%N | tr 0-9 a-j)';
const PROMPTS = {
  'OSC 133': String.raw`\[\e]133;A\a\]${WORD} \[\e]133;B\a\]`,
  'OSC 633': String.raw`\[\e]633;A\a\]${WORD} \[\e]633;B\a\]`,
};
const bash = (prompt: string) =>
  ({
    command: ['bash', '--norc', '--noprofile', '-i'],
    environment: { PS1: prompt, PS0: String.raw`\e]133;C\a` },
  }) as const;
const denials = (shell: PtyShell): number =>
  shell.judged.filter((one) => one.judgement.verdict === 'deny').length;
const atPrompt = (shell: PtyShell): Promise<void> =>
  shell.until('the prompt', () => /^[a-j]{9}$/.test(shell.lastRow));

describe.each(Object.entries(PROMPTS))('with %s', (_name, prompt) => {
  it('a shell is known to read again after a program, by a prompt never seen before', async () => {
    await using shell = new PtyShell(bash(prompt));
    await atPrompt(shell);
    shell.type('cat > notes\r');
    await shell.until('cat runs', () => shell.judged.length === 1);
    shell.type('su\r\u0004');
    await atPrompt(shell);
    expect(denials(shell)).toBe(0);
    shell.type('su -\r');
    await shell.until('the denial', () => denials(shell) === 1);
    await atPrompt(shell);
    await shell.mark('after');
    expect(shell.ran).toEqual(['mark after']);
    expect(shell.judged.at(-1)).toMatchObject({ line: 'mark after', reader: 'shell', mismatch: null });
  });

  it('the line is read from the mark on, history and all', async () => {
    await using shell = new PtyShell({
      ...bash(prompt),
      files: { history: 'mark old\n' },
      environment: { ...bash(prompt).environment, HISTFILE: 'history' },
    });
    await atPrompt(shell);
    shell.type('\u001b[A');
    await shell.until('the line', () => shell.lastRow.endsWith(' mark old'));
    shell.type('\r');
    await shell.until('the run', () => shell.ran.length === 1);
    expect(shell.judged.map((one) => one.line)).toEqual(['mark old']);
  });
});

it('a mark that a program prints does not make what is typed unseen known', async () => {
  await using shell = new PtyShell(bash('me@asset:~$ '));
  await shell.prompt();
  await shell.mark('ready');
  await shell.prompt();
  const before = shell.secrets.length;
  // Echo is off before it asks: what is typed earlier is shown, and then it was seen.
  const question = String.raw`printf '\033]133;A\007Password: \033]133;B\007'`;
  shell.type(`stty -echo; ${question}; read x; stty echo; mark "$x"\r`);
  await shell.until('the question', () => shell.lastRow === 'Password:');
  for (const key of 'hunter2') shell.type(key);
  shell.type('\r');
  await shell.until('the run', () => shell.ran.includes('mark hunter2'));
  expect(shell.secrets.slice(before).join('')).toBe('hunter2');
  expect(JSON.stringify(shell.judged)).not.toContain('hunter2');
});

it('a mark that says a program runs does not send the filter to sleep', async () => {
  await using shell = new PtyShell(bash('me@asset:~$ '));
  await shell.prompt();
  await shell.mark('ready');
  await shell.prompt();
  shell.type(String.raw`PS1='me@asset:~$ \[\e]133;C\a\]'` + '\r');
  await shell.until('the run', () => shell.judged.length === 2);
  await shell.prompt();
  shell.type('su\r');
  await shell.until('the denial', () => denials(shell) === 1);
  await shell.prompt();
  expect(shell.ran).toEqual(['mark ready']);
});
