import { expect, test } from 'vitest';
import { endEventFields, endEventId, type EpisodeEnd } from './ending.ts';

const END: EpisodeEnd = {
  offenseId: 'o',
  episode: 2,
  ruleId: 'r',
  entity: 'gateway:alice:b',
  title: 'Three denials',
  reason: 'quiet',
  by: 'system',
  position: 7,
  timeMs: 1,
  text: 'nothing happened any more',
};

test('the end of an episode is told with its person, its reason and its place', () => {
  expect(endEventFields(END)).toEqual({
    realm: 'gateway',
    user: 'alice:b',
    actor: 'system',
    offense: 'o',
    message: 'Three denials: episode 2 ended: nothing happened any more',
    data: { ruleId: 'r', entity: 'gateway:alice:b', episode: 2, reason: 'quiet', position: 7 },
  });
});

test('what is about an address is about nobody', () => {
  const fields = endEventFields({ ...END, entity: '@address:192.0.2.1' });
  expect(fields).not.toHaveProperty('user');
  expect(fields).not.toHaveProperty('realm');
});

test('an episode ends once', () => {
  expect(endEventId('o', 1)).toBe(endEventId('o', 1));
  expect(new Set([endEventId('o', 1), endEventId('o', 2), endEventId('p', 1)]).size).toBe(3);
});
