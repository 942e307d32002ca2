import { expect, it } from 'vitest';
import { inEachShell } from './each-shell.ts';

const UP = '\u001b[A';

inEachShell(
  (shell, { enter }) => {
    it.runIf(shell.remembers)('recalled from history', async () => {
      const one = await enter();
      // The newest line of the history is an innocent one, the one before it is forbidden.
      expect(
        await one.stopped(async () => {
          one.type(UP);
          await one.shown('mark old');
          one.type(UP);
          await one.shown('su - old');
          one.type('\r');
        }),
      ).toEqual([]);
      one.type('mark recent\r');
      await one.until('the run', () => one.ran.includes('mark recent'));
      await one.prompt();
      expect(
        await one.runs(['mark recent'], async () => {
          one.type(UP);
          await one.shown('mark recent');
          one.type('\r');
        }),
      ).toEqual(['mark recent']);
    });

    it('recalled from history and changed', async () => {
      const one = await enter();
      one.type("mark 'x' -\r");
      await one.until('the run', () => one.ran.includes('mark x -'));
      await one.prompt();
      expect(
        await one.stopped(async () => {
          one.type(UP);
          await one.shown("mark 'x' -");
          one.type('\u007f'.repeat(10));
          await one.until('an empty line', () => shell.prompt.test(one.terminal.beforeCursor));
          one.type('su -\r');
        }),
      ).toEqual([]);
    });

    it.runIf(shell.searchesHistory)('found by searching history', async () => {
      const one = await enter();
      expect(
        await one.stopped(async () => {
          one.type('\u0012');
          await one.until('the search', () => one.terminal.screen.includes('-search'));
          one.type('- o');
          await one.until('the find', () => one.terminal.beforeCursor.includes('su '));
          one.type('\r');
        }),
      ).toEqual([]);
      one.type('mark sought\r');
      await one.until('the run', () => one.ran.includes('mark sought'));
      await one.prompt();
      expect(
        await one.runs(['mark sought'], async () => {
          one.type('\u0012');
          await one.until('the search', () => one.terminal.screen.includes('-search'));
          one.type('k sou');
          await one.until('the find', () => one.terminal.lastRow.includes('mark sought'));
          one.type('\r');
        }),
      ).toEqual(['mark sought']);
    });

    it.runIf(shell.completes)('completed by the tab key', async () => {
      const one = await enter();
      one.home.write('a-file-with-a-name', '');
      const complete = async (typed: string, whole: string): Promise<void> => {
        one.type(typed);
        await one.shown(typed);
        one.type('\t');
        await one.until('the completion', () => one.terminal.beforeCursor.trimEnd().endsWith(whole));
      };
      expect(
        await one.stopped(async () => {
          await complete('forbidd', 'forbidden-tool');
          one.type('\r');
        }),
      ).toEqual([]);
      expect(
        await one.runs(['innocent-tool a-file-with-a-name'], async () => {
          await complete('innoc', 'innocent-tool');
          await complete('a-fi', 'a-file-with-a-name');
          one.type('\r');
        }),
      ).toEqual(['innocent-tool a-file-with-a-name']);
    });
  },
  (shell) => shell.edits,
);
