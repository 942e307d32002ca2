import { expect, it } from 'vitest';
import { MAX_MEANING_LENGTH } from '../definitions.ts';
import { decodeList, encodeList } from './lists.ts';

it.each([[[]], [['a']], [['a', 'b c']], [['a', null, 'b']], [[null]], [['', 'a']]] as const)(
  '%j is kept',
  (list) => {
    expect(decodeList(encodeList(list) ?? '')).toEqual(list);
  },
);

it('is not known when it is too long', () => {
  expect(encodeList(['a'.repeat(MAX_MEANING_LENGTH)])).not.toBeNull();
  expect(encodeList(['a'.repeat(MAX_MEANING_LENGTH), ''])).toBeNull();
});
