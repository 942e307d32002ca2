import { expect, test } from 'vitest';
import { displayText, isNamed } from './manner.ts';

test.each([
  ['Alice Li', 'alice', 'Alice Li(alice)'],
  ['', 'alice', 'alice(alice)'],
  ['web01', '10.0.0.5', 'web01(10.0.0.5)'],
])('%j and %j are %j', (name, identifier, text) => {
  expect(displayText(name, identifier)).toBe(text);
});

test.each([
  ['Alice Li(alice)', undefined, true],
  ['Alice Li(alice)', 'alice', true],
  ['Alice Li(alice)', 'ALICE', true],
  ['Alice Li(alice)', 'Alice Li', true],
  ['Alice Li(alice)', 'Alice Li(alice)', true],
  ['Alice Li(alice)', 'ali', false],
  ['Alice Li(alice)', '', false],
  ['bob', 'bob', true],
  ['bob', '', false],
  // Whoever writes a colleague's name into their own is not found as the colleague.
  ['Bob(bob)(mallory)', 'bob', false],
  ['Bob(bob)(mallory)', 'mallory', true],
])('%j asked for as %j: %s', (display, wanted, found) => {
  expect(isNamed(display, wanted)).toBe(found);
});
