import { expect, it } from 'vitest';
import { sampleLine } from './sample-line.ts';

it.each([
  ['program', 'su', 'su'],
  ['program', 'systemctl reboot', 'systemctl reboot'],
  ['program', 's?', 'sx'],
  ['program', 'mkfs.*', 'mkfs.'],
  ['program', '*', 'x'],
  ['program', 'rm ** /etc', 'rm /etc'],
  ['program', 'rm ** ** /etc', 'rm x /etc'],
  ['program', '> /etc/passwd', 'echo x > /etc/passwd'],
  ['program', '>', 'echo x > f'],
  ['program', '= HISTFILE', 'HISTFILE=x'],
  ['program', '= HISTFILE=y', 'HISTFILE=y'],
  ['program', '=', 'X=x'],
  ['program', '@dynamic', '$X'],
  ['program', '@unparsable', 'ls )'],
  ['text', '  drop   table ', 'drop table'],
  ['text', ' ', undefined],
  ['regex', 'rm', 'rm'],
] as const)('a line that somebody who forbids %s %s has in mind: %s', (kind, pattern, line) => {
  expect(sampleLine(kind, pattern)).toBe(line);
});
