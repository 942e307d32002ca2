import { expect, test } from 'vitest';
import { actionId, fireId, offenseId } from './identity.ts';

test('the same facts give the same id, and each of them counts', () => {
  const ids = [
    offenseId('f', 'e'),
    offenseId('g', 'e'),
    offenseId('f', 'd'),
    fireId('r', 'k', 'o', 1),
    fireId('s', 'k', 'o', 1),
    fireId('r', 'l', 'o', 1),
    fireId('r', 'k', 'p', 1),
    fireId('r', 'k', 'o', 2),
    actionId('o', 1, 'b', 1, 't'),
    actionId('p', 1, 'b', 1, 't'),
    actionId('o', 2, 'b', 1, 't'),
    actionId('o', 1, 'c', 1, 't'),
    actionId('o', 1, 'b', 2, 't'),
    actionId('o', 1, 'b', 1, 'u'),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  expect(offenseId('f', 'e')).toBe(ids[0]);
  expect(fireId('r', 'k', 'o', 1)).toBe(ids[3]);
  expect(actionId('o', 1, 'b', 1, 't')).toBe(ids[8]);
});

test('other kinds of things have other ids, though their facts be alike', () => {
  expect(fireId('r', 'k', 'o', 1)).not.toBe(actionId('r', 1, 'k', 1, 'o'));
  expect(offenseId('fire', 'r')).not.toBe(offenseId('r', 'fire'));
});
