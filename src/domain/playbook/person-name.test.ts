import { expect, test } from 'vitest';
import { usernameIn } from './person-name.ts';

test.each([
  ['alice', 'alice'],
  ['Alice Li(alice)', 'alice'],
  ['李丽(alice)', 'alice'],
  ['Alice (Berlin)(alice)', 'alice'],
  ['bob(alice)', 'alice'],
  ['(alice)', 'alice'],
  ['alice()', 'alice()'],
  ['alice(', 'alice('],
  ['Alice Li(alice) ', 'Alice Li(alice) '],
])('%s', (text, username) => {
  expect(usernameIn(text)).toBe(username);
});
