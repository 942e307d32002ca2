import { expect, test } from 'vitest';
import { responseMode } from './response-mode.ts';

test.each([
  ['auto', true, 'auto'],
  ['approve', true, 'approve'],
  ['shadow', true, 'shadow'],
  ['off', true, 'shadow'],
  ['auto', false, 'shadow'],
  ['approve', false, 'shadow'],
  ['off', false, 'shadow'],
] as const)('a rule in mode %s, fired by a source that is trusted: %s → %s', (mode, trusted, response) => {
  expect(responseMode(mode, trusted)).toBe(response);
});
