import { describe, expect, it } from 'vitest';
import { PtyShell } from './pty-shell.ts';

const BASH = { command: ['bash', '--norc', '--noprofile', '-i'] } as const;
const HISTORY = { HISTFILE: 'history' };
const denied = (shell: PtyShell): readonly string[] =>
  shell.judged.filter((one) => one.judgement.verdict === 'deny').map((one) => one.line);

/** Types, waits until a line is denied and the shell is usable again. Returns what ran or failed besides. */
async function afterDenial(shell: PtyShell, keys: string): Promise<readonly string[]> {
  const before = shell.judged.filter((one) => one.judgement.verdict === 'deny').length;
  shell.type(keys);
  await shell.until('a denial', () => denied(shell).length > before);
  await shell.prompt();
  await shell.mark('behind');
  return [...shell.ran.filter((line) => !line.startsWith('mark')), ...shell.failures];
}

describe('in bash with emacs keys', () => {
  it.each([
    ['typed', 'su -\r'],
    ['ended by LF', 'su\n'],
    ['ended by Ctrl-O', 'su\u000f'],
    ['ended by CR LF', 'su -\r\n'],
    ['corrected with backspace', 'sux\u007f\r'],
    ['with a key in the middle', 'u\u0001s\r'],
    ['with arrows', 's -\u001b[D\u001b[Du\r'],
    ['with the cursor left in the middle', 'su - root\u001b[D\u001b[D\u001b[D\r'],
    ['with a word erased', 'su xyz\u0017-\r'],
    ['with the line erased and typed again', 'mark\u0015su\r'],
    ['killed and yanked', 'su -\u0015mark x\u0015\u0019\u0019\u0015\u0019\u0001\u000b\u0019\u0015su\r'],
    ['yanked back', 'su\u0015\u0019\r'],
    ['with characters transposed', 'us\u0014\r'],
    ['behind innocent commands', 'true; true && su\r'],
    ['quoted', `s''u\r`],
    ['with a tab in between', 'su\u0016\t-\r'],
    ['in capitals turned down', '\u001b[200~su\u001b[201~\r'],
  ])('%s', async (_how, keys) => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    expect(await afterDenial(shell, keys)).toEqual([]);
  });

  it('recalled from history with the up key', async () => {
    await using shell = new PtyShell({
      ...BASH,
      environment: HISTORY,
      files: { history: 'su - root\nmark old\n' },
    });
    await shell.prompt();
    expect(await afterDenial(shell, '\u001b[A\u001b[A\r')).toEqual([]);
    expect(denied(shell)).toEqual(['su - root']);
  });

  it('recalled and run with Ctrl-O', async () => {
    await using shell = new PtyShell({
      ...BASH,
      environment: HISTORY,
      files: { history: 'mark old\nsu - root\n' },
    });
    await shell.prompt();
    // Runs `mark old` and fetches the next line, which is the forbidden one.
    shell.type('\u001b[A\u001b[A\u000f');
    await shell.until('the old line', () => shell.ran.includes('mark old'));
    await shell.until('the next line', () => shell.lastRow.endsWith('su - root'));
    expect(await afterDenial(shell, '\u000f')).toEqual([]);
  });

  it('found by searching history', async () => {
    await using shell = new PtyShell({
      ...BASH,
      environment: HISTORY,
      files: { history: 'su - root\nmark old\n' },
    });
    await shell.prompt();
    shell.type('\u0012');
    await shell.until('the search', () => shell.lastRow.includes('reverse-i-search'));
    shell.type('u -');
    await shell.until('the find', () => shell.lastRow.includes('su - root'));
    expect(await afterDenial(shell, '\r')).toEqual([]);
  });

  it('completed with the tab key', async () => {
    await using shell = new PtyShell({ ...BASH, files: { 'reboot-notes': '' } });
    await shell.prompt();
    shell.type('passw');
    await shell.until('echo', () => shell.lastRow.endsWith('passw'));
    shell.type('\t');
    await shell.until('completion', () => shell.lastRow.endsWith('passwd'));
    expect(await afterDenial(shell, '\r')).toEqual([]);
  });

  it('on a line that wraps', async () => {
    await using shell = new PtyShell({ ...BASH, columns: 40 });
    await shell.prompt();
    expect(await afterDenial(shell, `true ${'word '.repeat(40)}; su -\r`)).toEqual([]);
    shell.type(`mark ${'x'.repeat(200)}\r`);
    await shell.until('a long innocent line', () => shell.ran.includes(`mark ${'x'.repeat(200)}`));
    expect(shell.judged.filter((one) => one.mismatch !== null)).toEqual([]);
  });

  it('over several lines', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('s\\\r');
    await shell.until('the second prompt', () => shell.lastRow === '>');
    expect(await afterDenial(shell, 'u\r')).toEqual([]);
  });

  it('inside a loop that is typed line by line', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('for i in 1; do\r');
    await shell.until('the second prompt', () => shell.lastRow === '>');
    expect(await afterDenial(shell, 'su\r')).toEqual([]);
  });

  it('but not in a here-document, which is text', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    for (const line of ['cat > notes <<EOF', 'su -', 'reboot', 'EOF', 'mark done']) {
      shell.type(`${line}\r`);
      await shell.until('the next prompt', () => /^(>|me@asset:~[#$])$/.test(shell.lastRow));
    }
    await shell.until('the end', () => shell.ran.includes('mark done'));
    expect(denied(shell)).toEqual([]);
  });

  it('typed ahead of the prompt', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('sleep 0.5\r');
    await shell.until('the run', () => shell.judged.length === 1);
    expect(await afterDenial(shell, 'su\r')).toEqual([]);
  });

  it('typed before the first prompt', async () => {
    // The shell needs a while to start, and cannot be interrupted meanwhile.
    const files = { slow: "trap '' INT; mark started; sleep 0.5; trap - INT; PS1='me@asset:~# '" };
    await using shell = new PtyShell({ command: ['bash', '--noprofile', '--rcfile', 'slow', '-i'], files });
    await shell.until('the start', () => shell.ran.includes('mark started'));
    expect(await afterDenial(shell, 'su\r')).toEqual([]);
  });

  it('after the screen was cleared under the line', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('su');
    await shell.until('echo', () => shell.lastRow.endsWith('su'));
    shell.type('\u000c');
    expect(await afterDenial(shell, ' -\r')).toEqual([]);
  });

  it('after innocent text was interrupted', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    expect(await afterDenial(shell, 'mark\u0003su\r')).toEqual([]);
  });
});

describe('Ctrl-D with emacs keys', () => {
  it('erases, which is no line to be told', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type('xmark a\u0001\u0004\r');
    await shell.until('the run', () => shell.ran.includes('mark a'));
    expect(shell.judged.map(({ line, mismatch }) => [line, mismatch])).toEqual([['mark a', null]]);
  });

  it('leaves a shell inside the shell', async () => {
    await using shell = new PtyShell(BASH);
    await shell.prompt();
    shell.type("PS1='inner> ' bash --norc --noprofile -i\r");
    await shell.until('the inner prompt', () => shell.lastRow === 'inner>');
    shell.type('x\u0001\u000b\u0004');
    expect(await afterDenial(shell, 'su\r')).toEqual([]);
  });
});

describe('with vi keys', () => {
  it.each([
    ['typed', 'su\r'],
    ['edited in command mode', 'xsu\u001b0xA -\r'],
    ['sent from command mode', 'su -\u001b0\r'],
    ['put together by operators', 'usx\u001bxhxp\r'],
    ['sent with Ctrl-D, which ends lines there', 'su\u0004'],
    ['sent with Ctrl-D from command mode', 'su -\u001b\u0004'],
    ['sent with Ctrl-D where emacs keys would have erased it', 'su\u001b\u007f\u0004'],
  ])('%s', async (_how, keys) => {
    await using shell = new PtyShell({ command: ['bash', '--norc', '--noprofile', '-i', '-o', 'vi'] });
    await shell.prompt();
    shell.type(keys);
    await shell.until('a denial', () => denied(shell).length > 0);
    await shell.prompt();
    expect(shell.ran).toEqual([]);
  });

  it('and an innocent line is told as it runs, however it was sent', async () => {
    await using shell = new PtyShell({ command: ['bash', '--norc', '--noprofile', '-i', '-o', 'vi'] });
    await shell.prompt();
    shell.type('mark x\u001brya z\r');
    await shell.until('the first run', () => shell.ran.includes('mark y z'));
    await shell.prompt();
    shell.type('mark xx\u001bxa b\u0004');
    await shell.until('the second run', () => shell.ran.includes('mark x b'));
    expect(shell.judged.map(({ line, mismatch }) => [line, mismatch])).toEqual([
      ['mark y z', null],
      ['mark x b', null],
    ]);
  });
});
