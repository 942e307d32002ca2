import { expect, it } from 'vitest';
import { inEachShell } from './each-shell.ts';

inEachShell((shell, { enter }) => {
  it('on a line that wraps', async () => {
    const one = await enter();
    const long = 'word '.repeat(40).trim();
    expect(await one.stopped(() => one.type(`true ${long}; su -\r`))).toEqual([]);
    expect(await one.runs([`mark ${long}`], () => one.type(`mark ${long}\r`))).toEqual([`mark ${long}`]);
  });

  it('when the window is resized while it is typed', async () => {
    const one = await enter();
    const typed = async (line: string): Promise<void> => {
      one.type(line.slice(0, -3));
      await one.until('the echo', () => one.terminal.screen.includes(line.slice(0, 20)));
      one.resize(50, 20);
      one.type(`${line.slice(-3)}\r`);
    };
    const back = (): void => one.resize(80, 24);
    const filler = 'a'.repeat(30);
    expect(await one.stopped(() => typed(`true ${filler}; su -`))).toEqual([]);
    back();
    expect(await one.runs([`mark ${filler} xyz`], () => typed(`mark ${filler} xyz`))).toEqual([
      `mark ${filler} xyz`,
    ]);
    back();
    await one.mark();
  });

  it('continued on a second line', async () => {
    const one = await enter();
    const before = one.terminal.output.length;
    expect(
      await one.stopped(async () => {
        one.type('true && \\\r');
        await one.until('the second line', () => one.terminal.output.slice(before).includes('\n'));
        one.type('su -\r');
      }),
    ).toEqual([]);
  });

  it.runIf(shell.edits)('redrawn on a cleared screen', async () => {
    const one = await enter();
    expect(
      await one.stopped(async () => {
        one.type('su');
        await one.shown('su');
        one.type('\u000c');
        one.type(' -\r');
      }),
    ).toEqual([]);
  });
});
