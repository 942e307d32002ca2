import { expect, it } from 'vitest';
import { withoutComments } from './without-comments.ts';

it.each([
  ['true # ; su', String.raw`true \# ; su`],
  ['# su', String.raw`\# su`],
  ['true;# su', String.raw`true;\# su`],
  ['(#', String.raw`(\#`],
  ['a # b # c', String.raw`a \# b \# c`],
  ['a\n# b', 'a\n\\# b'],
  ['true # "\n"; su', 'true \\# "\n"; su'],
  ["# don't # it", "\\# don't # it"],
])('quotes what would begin a comment in %j', (line, expected) => {
  expect(withoutComments(line)).toBe(expected);
});

it.each(['ls', 'a#b', '$#', '${#x}', "'# x'", '"# x"', String.raw`\# x`, String.raw`"\" # x"`, 'a#', ''])(
  'leaves %j alone',
  (line) => {
    expect(withoutComments(line)).toBe(line);
  },
);
