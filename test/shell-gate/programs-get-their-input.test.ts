import { describe, expect, it } from 'vitest';
import { PtyShell } from './pty-shell.ts';

const BASH = { command: ['bash', '--norc', '--noprofile', '-i'] } as const;
const denials = (shell: PtyShell): number =>
  shell.judged.filter((one) => one.judgement.verdict === 'deny').length;

/** The filter must be awake again: a forbidden line is stopped at the next prompt. */
async function denialsAtPrompt(shell: PtyShell): Promise<number> {
  await shell.prompt();
  const before = denials(shell);
  shell.type('su\r');
  await shell.until('the denial', () => denials(shell) > before);
  await shell.prompt();
  await shell.mark('awake');
  return denials(shell);
}

describe('what is typed into a program is not a command', () => {
  it('cat', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('cat > notes\r');
    await shell.until('cat runs', () => shell.judged.length === 1);
    shell.type('su -\rreboot\r\u0004');
    await shell.prompt();
    shell.type('mark "$(cat notes)"\r');
    await shell.until('the file', () => shell.ran.length > 0);
    expect(shell.ran.slice(0, 2)).toEqual(['mark su -', 'reboot']);
    expect(await denialsAtPrompt(shell)).toBe(1);
  });

  it('python', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('python3 -q\r');
    await shell.until('its prompt', () => shell.lastRow === '>>>', 15_000);
    shell.type('su = "reboot"\r');
    await shell.until('the next prompt', () => shell.screen.endsWith('= "reboot"\n>>>'));
    shell.type('passwd\r');
    await shell.until('its answer', () => /NameError.*\n>>>$/.test(shell.screen));
    shell.type('\u0004');
    expect(await denialsAtPrompt(shell)).toBe(1);
    expect(shell.judged.filter((one) => one.reader === 'unknown').map((one) => one.line)).toEqual([
      'su = "reboot"',
      'passwd',
    ]);
  });

  it('less', async () => {
    await using shell = new PtyShell({ ...BASH, files: { text: 'su\nline\n'.repeat(100) } });
    await shell.prompt();
    shell.type('less text\r');
    await shell.until('the pager', () => shell.screen.includes('line\n'));
    shell.type('/su\r');
    await shell.until('the search', () => shell.output.includes('/'));
    shell.type('q');
    expect(await denialsAtPrompt(shell)).toBe(1);
  });

  it('vim', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('vim -u NONE notes\r');
    await shell.until('the editor', () => shell.screen.includes('~\n~'));
    shell.type('isu -\rreboot\r\u001b');
    await shell.until('the text', () => shell.screen.includes('su -\nreboot'));
    shell.type(':wq\r');
    await shell.prompt();
    shell.type('mark "$(head -n 1 notes)"\r');
    await shell.until('the file', () => shell.ran.includes('mark su -'));
    expect(await denialsAtPrompt(shell)).toBe(1);
  });

  it('a database client', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('sqlite3\r');
    await shell.until('its prompt', () => shell.lastRow === 'sqlite>', 15_000);
    for (const line of [
      'create table su (reboot);',
      "insert into su values ('passwd');",
      'select * from su;',
    ]) {
      shell.type(`${line}\r`);
      await shell.until('the next prompt', () => shell.lastRow === 'sqlite>');
    }
    shell.type('su\r;\r');
    await shell.until('its answer', () => shell.screen.includes('syntax error'));
    expect(shell.screen).toContain('\npasswd\n');
    shell.type('.quit\r');
    expect(await denialsAtPrompt(shell)).toBe(1);
  });

  it('top', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('top -d 0.2\r');
    await shell.until('the table', () => shell.screen.includes('load average'));
    // Asks for a filter on a line of its own.
    shell.type('o');
    await shell.until('the question', () => shell.screen.includes('add filter'));
    shell.type('COMMAND=su -\r');
    await shell.until('its end', () => !shell.screen.includes('add filter'));
    shell.type('q');
    expect(await denialsAtPrompt(shell)).toBe(1);
  });

  it('a shell inside the shell is a shell', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('PS1="inner> " bash --norc --noprofile -i\r');
    await shell.until('its prompt', () => shell.lastRow === 'inner>');
    shell.type('su\r');
    await shell.until('the denial', () => denials(shell) === 1);
    await shell.until('its prompt', () => shell.lastRow === 'inner>');
    shell.type('exit\r');
    expect(await denialsAtPrompt(shell)).toBe(2);
  });
});

describe('what is typed without echo', () => {
  it.each([
    ['with a prompt', 'read -s -p "Password: " x\r', 'Password:'],
    ['with a prompt of another kind', 'read -s -p "me-token# " x\r', 'me-token#'],
    ['without a prompt', 'read -s x\r', ''],
  ])('is not told %s', async (_how, line, prompt) => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    await shell.mark('ready');
    await shell.prompt();
    const before = shell.secrets.length;
    shell.type(line);
    await shell.until('the question', () => shell.lastRow === prompt);
    for (const key of 'hunter2') shell.type(key);
    shell.type('\r');
    await shell.prompt();
    shell.type('mark "$x"\r');
    await shell.until('the answer', () => shell.ran.includes('mark hunter2'));
    expect(shell.secrets.slice(before).join('')).toBe('hunter2');
    expect(JSON.stringify(shell.judged)).not.toContain('hunter2');
    expect(await denialsAtPrompt(shell)).toBe(1);
  });

  it('is told at the shell prompt, where echo was only switched off', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('stty -echo\r');
    await shell.until('the run', () => shell.judged.length === 1);
    await shell.prompt();
    shell.type('su\r');
    await shell.until('the denial', () => denials(shell) === 1);
    expect(shell.judged.map((one) => one.line)).toEqual(['stty -echo', 'su']);
    // Nothing on the screen tells when the shell is ready again.
    await shell.quiet();
    await shell.mark('awake');
    expect(shell.ran).toEqual(['mark awake']);
  });
});

describe('output that lies does not blind the filter', () => {
  it.each([
    ['a second screen', String.raw`printf '\033[?1049h\033[2;1H'`],
    ['a file transfer', String.raw`printf '**\030B00000000000000\r\n'`],
    ['a question for a password', "PS1='Password: '"],
    ['the prompt of another program', "PS1='>>> '"],
    ['the prompt of a database', "PS1='mysql> '"],
    ['a prompt without a sign', "PS1='go '"],
    ['marked pastes', String.raw`printf '\033[?2004h'`],
    ['another character set', String.raw`printf '\033(0\016'`],
  ])('%s', async (_what, lie) => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type(`${lie}\r`);
    await shell.until('the lie', () => shell.judged.length === 1);
    // Time for it to be drawn, as a person would wait.
    await shell.quiet();
    shell.type('su\r');
    await shell.until('the denial or the end', () => denials(shell) === 1);
    await shell.quiet();
    expect(shell.ran).toEqual([]);
  });
});

it('denies nothing in observe mode, and tells everything', async () => {
  await using shell = new PtyShell({ ...BASH, mode: 'observe' });
  await shell.prompt();
  for (const key of 'su -') shell.type(key);
  await shell.until('echo', () => shell.lastRow.endsWith('su -'));
  shell.type('\r');
  await shell.until('the run', () => shell.ran.length === 1);
  expect(shell.ran).toEqual(['su -']);
  expect(shell.judged.map((one) => [one.line, one.judgement.verdict])).toEqual([['su -', 'deny']]);
});

it('lets a line go only when it was written down', async () => {
  await using shell = new PtyShell(BASH);
  await shell.prompt();
  const written = Promise.withResolvers<void>();
  shell.onJudged = () => written.promise;
  shell.type('mark one\r');
  await shell.until('the judgement', () => shell.judged.length === 1);
  await shell.quiet();
  expect(shell.ran).toEqual([]);
  written.resolve();
  await shell.until('the run', () => shell.ran.length === 1);
});

it('ends the channel when a line could not be written down', async () => {
  await using shell = new PtyShell(BASH);
  await shell.prompt();
  shell.onJudged = () => Promise.reject(new Error('disk full'));
  shell.type('mark one\r');
  await shell.until('the end', () => shell.failures.length === 1);
  expect(shell.failures).toEqual(['audit-failed']);
  expect(shell.ran).toEqual([]);
});

it('ends the channel when a denied line cannot be cleared', async () => {
  await using shell = new PtyShell(BASH);
  await shell.prompt();
  shell.type('stty intr ^X\r');
  await shell.until('the run', () => shell.judged.length === 1);
  await shell.prompt();
  shell.type('su\r');
  await shell.until('the end', () => shell.failures.length === 1);
  shell.type('\r');
  expect(shell.failures).toEqual(['line-not-cleared']);
  expect(shell.ran).toEqual([]);
});
