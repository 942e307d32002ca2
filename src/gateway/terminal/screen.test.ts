import { describe, expect, it, onTestFinished } from 'vitest';
import { Screen } from './screen.ts';

function open(columns = 40, rows = 10): Screen {
  const screen = new Screen(columns, rows);
  onTestFinished(() => screen.dispose());
  return screen;
}

/** Pushes and waits until it can be read. */
function show(screen: Screen, text: string): Promise<void> {
  screen.push(Buffer.from(text));
  const { promise, resolve } = Promise.withResolvers<void>();
  screen.settle(resolve);
  return promise;
}

const PROMPT = '\u001B]133;A\u0007me@asset:~$ \u001B]133;B\u0007';
const SPINNER = '\r⠋ working \u001B[33m...\u001B[0m'.repeat(1_000);

describe('a screen', () => {
  it('goes on where the emulator has a defect, and says that it does not know', async () => {
    const screen = open(4, 4);
    await show(screen, 'aaaaaaaaaaaa\r\n');
    // A row is missing in the emulator after these; the first line that wraps at the bottom throws.
    for (const [columns, rows] of [
      [5, 9],
      [2, 5],
      [6, 8],
    ] as const) {
      screen.resize(columns, rows);
      await show(screen, '');
    }
    await show(screen, 'x'.repeat(200));
    expect(screen.isUnknown).toBe(true);
    expect([screen.columns, screen.rows]).toEqual([6, 8]);
    await show(screen, '\u001Bc$ ls');
    expect(screen.isUnknown).toBe(false);
    expect(screen.cursorLine()).toBe('$ ls');
  });

  it('shows the characters that were printed, whatever set of characters was chosen', async () => {
    const printed = '$ su - #[]\\^_`{|}~ azAZ09';
    for (const intermediate of '()*+-./')
      for (let code = 0x30; code < 0x7f; code += 1) {
        const sequence = `\u001B${intermediate}${String.fromCharCode(code)}`;
        const screen = open();
        // Shifted in and out, so that each of the sets that can be chosen is the one in use.
        for (const shift of ['', '\u000E', '\u001Bn', '\u001Bo', '\u000F']) {
          await show(screen, `${sequence}${shift}\r\n${printed}`);
          expect(screen.cursorLine(), JSON.stringify(sequence + shift)).toBe(printed);
        }
      }
  });

  it('interprets nothing before somebody asks', async () => {
    const screen = open();
    screen.push(Buffer.from('$ ls'));
    expect(screen.cursorLine()).toBe('');
    expect(screen.hasPending).toBe(true);
    await show(screen, '');
    expect(screen.cursorLine()).toBe('$ ls');
    expect(screen.hasPending).toBe(false);
  });

  it('interprets little before it returns, and much in slices', () => {
    const screen = open();
    let isSettled = false;
    screen.push(Buffer.from('$ ls'));
    screen.settle(() => {
      isSettled = true;
    });
    expect(isSettled).toBe(true);
    screen.push(Buffer.from('x'.repeat(3_000_000)));
    isSettled = false;
    screen.settle(() => {
      isSettled = true;
    });
    expect(isSettled).toBe(false);
    expect(screen.hasPending).toBe(true);
  });

  it('calls back in order, also who asks while it is busy or is called back', async () => {
    const screen = open();
    const order: string[] = [];
    screen.push(Buffer.from(`${'x'.repeat(1_000_000)}\r\n`));
    const all = new Promise<void>((resolve) => {
      screen.settle(() => {
        order.push('first');
        screen.push(Buffer.from('third'));
        screen.settle(() => {
          order.push(screen.cursorLine());
          resolve();
        });
      });
    });
    screen.push(Buffer.from('second '));
    screen.settle(() => order.push(screen.cursorLine()));
    await all;
    expect(order).toEqual(['first', 'second third', 'second third']);
  });

  it('changes size behind what came before', async () => {
    const screen = open(20, 5);
    screen.push(Buffer.from('$ echo one two three four\r\n$ '));
    screen.resize(60, 5);
    await show(screen, 'ls');
    const lines = screen.linesFrom('$ echo')?.map(({ text }) => text);
    expect(lines).toEqual(['$ echo one two three four', '$ ls']);
  });

  it('does what it is asked to repeat without end not even once', async () => {
    const screen = open(1_000, 500);
    const before = performance.now();
    await show(
      screen,
      `\u001B[2000000000b${'\u001B[2000000000L\u001B[2000000000S\u001B[2000000000Z'.repeat(100)}$ `,
    );
    expect(performance.now() - before).toBeLessThan(2_000);
    expect(screen.cursorLine()).toBe('$');
    expect(screen.isUnknown).toBe(true);
  });

  it('full of one line that wraps is read once', async () => {
    const screen = open(40, 10);
    await show(screen, 'x'.repeat(10_000));
    expect(screen.cursorLine()).toBe('x'.repeat(400));
    await show(screen, '\r\n$ ls');
    expect(screen.cursorLine()).toBe('$ ls');
  });

  it('says when it does not know, and shows the newest', async () => {
    const screen = open();
    for (let count = 0; count < 300; count += 1) screen.push(Buffer.from(SPINNER));
    await show(screen, '\r\n$ ls');
    expect(screen.isUnknown).toBe(true);
    expect(screen.cursorLine()).toBe('$ ls');
    await show(screen, '\u001B[H\u001B[2J$ ls -l');
    expect(screen.isUnknown).toBe(false);
    expect(screen.cursorLine()).toBe('$ ls -l');
  });
});

describe('marks of a shell', () => {
  it('say where it is', async () => {
    const screen = open();
    expect(screen.shellMark).toBeUndefined();
    await show(screen, '\u001B]133;A;cl=line\u001B\\me@asset:~$ ');
    expect(screen.shellMark).toMatchObject({ kind: 'prompt' });
    await show(screen, '\u001B]133;B\u0007ls');
    expect(screen.shellMark).toMatchObject({ kind: 'input', prompt: 'me@asset:~$ ' });
    await show(screen, '\r\n\u001B]133;C;key=value\u0007file\r\n');
    expect(screen.shellMark).toMatchObject({ kind: 'running' });
    await show(screen, '\u001B]133;D;127\u0007');
    expect(screen.shellMark).toMatchObject({ kind: 'done' });
  });

  it('come from editors, too', async () => {
    const screen = open();
    await show(screen, '\u001B]633;A\u0007$ \u001B]633;B\u0007\u001B]633;P;Cwd=/root\u0007ls');
    expect(screen.shellMark).toMatchObject({ kind: 'input', prompt: '$ ' });
    await show(screen, '\r\n\u001B]633;E;echo \\x3b \\\\;nonce\u0007\u001B]633;C\u0007');
    expect(screen.shellMark).toMatchObject({ kind: 'running' });
    await show(screen, '\u001B]633;D;0\u0007\u001B]633;A\u0007');
    expect(screen.shellMark).toMatchObject({ kind: 'prompt' });
  });

  it.each([
    '\u001B]133;Z\u0007',
    '\u001B]133;\u0007',
    '\u001B]633;P;x=y\u0007',
    `\u001B]133;A;${'x'.repeat(9_000)}\u0007`,
  ])('of other kinds and sizes say nothing: %#', async (mark) => {
    const screen = open();
    await show(screen, mark);
    expect(screen.shellMark).toBeUndefined();
  });

  it('are not left out with the lines before and behind them', async () => {
    const screen = open();
    const lines = 'some line of text\r\n'.repeat(50_000);
    screen.push(Buffer.from(`${PROMPT}yes\r\n\u001B]133;C\u0007${lines}`));
    await show(screen, lines);
    expect(screen.shellMark).toMatchObject({ kind: 'running' });
  });

  it('are forgotten with the output that was thrown away', async () => {
    const screen = open();
    await show(screen, `${PROMPT}ls`);
    for (let count = 0; count < 300; count += 1) screen.push(Buffer.from(SPINNER));
    await show(screen, '');
    expect(screen.shellMark).toBeUndefined();
  });

  it('are forgotten after a full reset', async () => {
    const screen = open();
    await show(screen, `${PROMPT}ls\u001Bc`);
    expect(screen.shellMark).toBeUndefined();
  });

  it('belong to the screen on which they stand', async () => {
    const screen = open();
    await show(screen, `${PROMPT}vim\r\n\u001B]133;C\u0007\u001B[?1049h`);
    expect(screen.shellMark).toBeUndefined();
    await show(screen, '\u001B]133;A\u0007$ \u001B]133;B\u0007x');
    expect(screen.shellMark).toMatchObject({ kind: 'input' });
    expect(screen.inputFromMark()).toBeUndefined();
    await show(screen, '\u001B[?1049l');
    expect(screen.shellMark).toMatchObject({ kind: 'running' });
    await show(screen, '\u001B[?1049h');
    expect(screen.shellMark).toBeUndefined();
  });
});

describe('input behind its mark', () => {
  it.each([
    ['nothing', '', ''],
    ['a line', 'ls -l', 'ls -l'],
    ['a wrapped line', 'word '.repeat(20).trim(), 'word '.repeat(20).trim()],
    ['wide characters', 'echo 目录', 'echo 目录'],
    ['several lines', 'for x in 1; do\r\n> ls\r\n> done', 'for x in 1; do\n> ls\n> done'],
    ['a line with the cursor within', 'ls -l\u001B[3D', 'ls -l'],
    ['a line changed by the shell', 'ls -l\u001B[5D\u001B[Kreboot', 'reboot'],
  ])('is read: %s', async (_, typed, expected) => {
    const screen = open();
    await show(screen, `some output\r\n${PROMPT}${typed}`);
    expect(screen.inputFromMark()).toBe(expected);
  });

  it.each([
    ['when the screen scrolls', 10],
    ['when it is made wider', 70],
    ['when it is made narrower', 15],
  ])('stays in its place %s', async (_, columns) => {
    const screen = open(40, 10);
    await show(screen, `${'output\r\n'.repeat(15)}${PROMPT}echo one two three four five six`);
    await show(screen, '\r\n> and\r\n> more');
    screen.resize(columns, 10);
    await show(screen, '');
    expect(screen.inputFromMark()).toBe('echo one two three four five six\n> and\n> more');
  });

  it.each([
    ['the prompt is drawn over', '\rroot@asset:~# su'],
    ['the mark has scrolled off', '\r\n'.repeat(20)],
    ['the screen was erased', '\u001B[H\u001B[2J'],
    ['the cursor stands above', '\u001B[H'],
    ['the shell has begun to run it', '\r\n\u001B]133;C\u0007'],
    ['a new prompt begins', '\r\n\u001B]133;A\u0007'],
  ])('is not read when %s', async (_, more) => {
    const screen = open();
    await show(screen, `some output\r\n${PROMPT}ls`);
    await show(screen, more);
    expect(screen.inputFromMark()).toBeUndefined();
  });

  it('is not read behind a prompt over many rows', async () => {
    const screen = open(10, 20);
    await show(screen, `\u001B]133;A\u0007${'x'.repeat(100)}\u001B]133;B\u0007ls`);
    expect(screen.inputFromMark()).toBeUndefined();
  });
});
