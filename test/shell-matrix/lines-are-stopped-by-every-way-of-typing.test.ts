import { expect, it } from 'vitest';
import { inEachShell } from './each-shell.ts';
import type { ShellKind } from './shells.ts';

inEachShell((shell, { enter }) => {
  it.each(typing(shell))('%s', async (_way, forbidden, innocent, ran) => {
    const one = await enter();
    expect(await one.stopped(() => one.type(forbidden))).toEqual([]);
    expect(await one.runs([ran], () => one.type(innocent))).toEqual([ran]);
  });
});

type Way = readonly [way: string, forbidden: string, innocent: string, ran: string];

/** Ways of typing a line at once, for any shell, and for those that edit lines. */
function typing({ edits, yanks }: ShellKind): readonly Way[] {
  const ways: Way[] = [
    ['typed', 'su -\r', "mark 'su -'\r", 'mark su -'],
    ['ended by LF', 'su\n', 'mark lf\n', 'mark lf'],
    ['corrected with backspace', 'sux\u007f\r', 'mark bx\u007f\r', 'mark b'],
    ['with the line erased and typed again', 'mark\u0015su -\r', 'su\u0015mark again\r', 'mark again'],
    ['with a word erased', 'su xyz\u0017-\r', 'mark su\u0017word\r', 'mark word'],
    ['behind other commands', 'true; true && su\r', 'true; true && mark su\r', 'mark su'],
    ['quoted', "s''u -\r", "'mark' quoted\r", 'mark quoted'],
  ];
  if (edits) {
    ways.push(
      ['edited in the middle with arrows', 's -\u001b[D\u001b[Du\r', 'mar x\u001b[D\u001b[Dk\r', 'mark x'],
      [
        'sent with the cursor in the middle',
        'su - root\u001b[D\u001b[D\r',
        'mark mid\u001b[D\u001b[D\r',
        'mark mid',
      ],
    );
  }
  if (yanks) {
    ways.push(
      [
        'killed to the end',
        'su - xyz\u001b[D\u001b[D\u001b[D\u000b\r',
        'mark k xyz\u001b[D\u001b[D\u001b[D\u000b\r',
        'mark k',
      ],
      ['killed and yanked back', 'su -\u0015\u0019\r', 'mark yank\u0015\u0019\r', 'mark yank'],
      ['with a key at the beginning', 'u -\u0001s\r', 'ark a\u0001m\r', 'mark a'],
    );
  }
  return ways;
}
