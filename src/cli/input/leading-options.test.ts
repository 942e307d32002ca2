import { expect, test } from 'vitest';
import { moveLeadingOptions } from './leading-options.ts';

test.each([
  ['--data d offense list', 'offense list --data d'],
  ['--data=d --json user list', 'user list --data=d --json'],
  ['offense list --data d', 'offense list --data d'],
  ['--json --config c command-rule try -- su -', 'command-rule try --json --config c -- su -'],
  ['--version', '--version'],
  ['--data', '--data'],
  ['--json', '--json'],
  ['--unknown x user list', '--unknown x user list'],
])('%s is read as %s', (typed, read) => {
  expect(moveLeadingOptions(typed.split(' '))).toEqual(read.split(' '));
});
