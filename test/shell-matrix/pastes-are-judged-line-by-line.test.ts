import { expect, it } from 'vitest';
import { inEachShell } from './each-shell.ts';

const LINES = 50;
const words = (tag: string): readonly string[] =>
  Array.from({ length: LINES }, (_, index) => `mark ${tag} ${index}`);

inEachShell((shell, { enter }) => {
  it('fifty innocent lines run once each, in order', async () => {
    const one = await enter();
    const lines = words('plain');
    expect(await one.runs(lines, () => one.type(lines.map((line) => `${line}\r`).join('')))).toEqual(lines);
  });

  it('of fifty lines those behind a forbidden one do not run', async () => {
    const one = await enter();
    const lines = words('cut');
    const paste = lines.map((line, index) => (index === 20 ? 'su -\r' : `${line}\r`)).join('');
    expect(await one.stopped(() => one.type(paste))).toEqual(lines.slice(0, 20));
  });

  it.runIf(shell.marksPastes)('fifty innocent lines in a marked paste run once each, in order', async () => {
    const one = await enter();
    const lines = words('marked');
    const paste = `\u001b[200~${lines.join('\r')}\u001b[201~\r`;
    expect(await one.runs(lines, () => one.type(paste))).toEqual(lines);
  });

  it.runIf(shell.marksPastes)('nothing of a marked paste with a forbidden line runs', async () => {
    const one = await enter();
    const lines = words('stopped').map((line, index) => (index === 20 ? 'su -' : line));
    const paste = `\u001b[200~${lines.join('\r')}\u001b[201~\r`;
    expect(await one.stopped(() => one.type(paste))).toEqual([]);
  });

  it('a forbidden line typed ahead of the prompt does not run', async () => {
    const one = await enter();
    expect(
      await one.stopped(async () => {
        one.type('sleep 0.3\r');
        await one.until('its echo', () => one.terminal.screen.includes('sleep 0.3'));
        one.type('su -\r');
      }),
    ).toEqual([]);
  });

  it('an innocent line typed ahead of the prompt runs once', async () => {
    const one = await enter();
    expect(
      await one.runs(['mark ahead'], async () => {
        one.type('sleep 0.3\r');
        await one.until('its echo', () => one.terminal.screen.includes('sleep 0.3'));
        one.type('mark ahead\r');
      }),
    ).toEqual(['mark ahead']);
  });
});
