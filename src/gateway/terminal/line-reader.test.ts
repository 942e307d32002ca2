import { describe, expect, it } from 'vitest';
import { readInputLine, type LineReading, type Surroundings } from './line-reader.ts';
import { Prompts } from './prompts.ts';
import { Screen } from './screen.ts';
import { TypedLine } from './typed-line.ts';

interface Situation {
  readonly output: string;
  readonly keys: string;
  readonly around?: Surroundings;
  readonly known?: readonly string[];
  readonly columns?: number;
}

async function read(situation: Situation): Promise<LineReading> {
  const { output, keys, known = [], columns = 80, around = { left: '$ ', right: '' } } = situation;
  const screen = new Screen(columns, 24);
  screen.push(Buffer.from(output));
  await new Promise<void>((resolve) => screen.settle(resolve));
  const line = new TypedLine();
  line.feed(Buffer.from(keys));
  const prompts = new Prompts();
  for (const prompt of known) prompts.learn(prompt);
  const reading = readInputLine(screen, line, prompts, around);
  screen.dispose();
  return reading;
}

describe('a screen that may be wrong', () => {
  const INSERTING = '\u001B[4h';

  it('is believed where the keys say the same', async () => {
    expect(await read({ output: `${INSERTING}$ ls`, keys: 'ls' })).toMatchObject({
      agreed: true,
      shown: 'ls',
    });
  });

  it('is not believed against the keys, or where they know nothing', async () => {
    expect(await read({ output: `${INSERTING}$ ls`, keys: 'su' })).toMatchObject({
      shown: undefined,
      typed: 'su',
    });
    expect(await read({ output: `${INSERTING}$ ls`, keys: '\u001B[A' })).toMatchObject({
      shown: undefined,
      typed: undefined,
    });
    expect(await read({ output: `${INSERTING}(reverse-i-search)\`s': ls`, keys: '\u0012s' })).toMatchObject({
      shown: undefined,
      typed: undefined,
    });
  });
});

describe('screen and keys', () => {
  it('agree on a line typed at its prompt', async () => {
    expect(await read({ output: '$ su -', keys: 'su -' })).toMatchObject({
      shown: 'su -',
      typed: 'su -',
      agreed: true,
    });
  });

  it('agree on a wrapped line', async () => {
    const text = 'word '.repeat(30).trim();
    expect(await read({ output: `$ ${text}`, keys: text, columns: 20 })).toMatchObject({ agreed: true });
  });

  it('agree on a line with wide characters', async () => {
    expect(await read({ output: '$ echo 资产', keys: 'echo 资产' })).toMatchObject({ agreed: true });
  });

  it('agree behind a prompt that was drawn after the first key', async () => {
    const around = { left: '', right: '' };
    expect(await read({ output: 'me@host:~# su', keys: 'su', around })).toMatchObject({
      agreed: true,
      shown: 'su',
    });
  });

  it('agree in front of a prompt at the right edge', async () => {
    const around = { left: '$ ', right: '[main]' };
    const output = `$ su${' '.repeat(60)}[main]`;
    expect(await read({ output, keys: 'su', around })).toMatchObject({ agreed: true, shown: 'su' });
  });

  it('agree on a line edited with vi keys', async () => {
    expect(await read({ output: '$ su -', keys: 'ls\u001Bccsu -' })).toMatchObject({
      agreed: true,
      typed: 'su -',
      alsoTyped: ['lscsu -'],
    });
  });

  it('disagree when no editing mode has the line that is shown', async () => {
    expect(await read({ output: '$ ls', keys: 'x\u001Bbccsu' })).toMatchObject({
      shown: 'ls',
      agreed: false,
      typed: 'ccsux',
      alsoTyped: ['su'],
    });
  });

  it('disagree when the shell shows something else', async () => {
    const reading = await read({ output: '$ su -', keys: 'ls' });
    expect(reading).toMatchObject({ shown: 'su -', typed: 'ls', agreed: false });
  });
});

describe('a line that looks like a search', () => {
  it('does not hide what was typed', async () => {
    const reading = await read({ output: "(reverse-i-search)`ls': ls", keys: 'su' });
    expect(reading).toMatchObject({ shown: 'ls', agreed: false, alsoTyped: ['su'] });
  });
});

describe('the screen alone', () => {
  it('tells a line from history', async () => {
    const reading = await read({ output: '$ su - root', keys: '\u001b[A' });
    expect(reading).toMatchObject({ shown: 'su - root', typed: undefined });
  });

  it.each([
    "(reverse-i-search)`su': su - root",
    "(failed reverse-i-search)`sux': su - root",
    "(i-search)`su': su - root",
  ])('tells what a search has found: %s', async (output) => {
    const reading = await read({ output, keys: '\u0012su', around: { left: '$ ', right: '' } });
    expect(reading).toMatchObject({ shown: 'su - root', atShellPrompt: true });
  });

  it('tells input over several lines', async () => {
    const reading = await read({ output: '$ cat <<E\r\nsu\r\nE', keys: '\u001b[A' });
    expect(reading.shown).toBe('cat <<E\nsu\nE');
  });

  it('knows the shell by its prompt', async () => {
    const known = ['me@host:~# '];
    const around = { left: '', right: '' };
    expect((await read({ output: 'me@host:/etc# ls', keys: 'ls', known, around })).atShellPrompt).toBe(true);
    expect((await read({ output: 'mysql> ls', keys: 'ls', known, around })).atShellPrompt).toBe(false);
  });
});
