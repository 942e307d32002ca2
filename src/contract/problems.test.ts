import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { closestWord, pathText, problemsOf } from './problems.ts';

function problems(schema: z.ZodType, value: unknown): string[] {
  const parsed = schema.safeParse(value);
  if (parsed.success) throw new Error('it was accepted');
  return problemsOf(parsed.error, () => ['listen', 'banner']).map((one) => `${one.path}: ${one.message}`);
}

test('a path is written as people read it', () => {
  expect(pathText(['users', 2, 'email'])).toBe('users[2].email');
  expect(pathText([])).toBe('');
});

test('a slip of the keyboard is recognised, another word is not', () => {
  expect(closestWord('listne', ['banner', 'listen'])).toBe('listen');
  expect(closestWord('LISTEN', ['listen'])).toBe('listen');
  expect(closestWord('passwordfile', ['passwordFile', 'password'])).toBe('passwordFile');
  expect(closestWord('color', ['listen', 'banner'])).toBeUndefined();
});

test('a word is always closest to itself', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 20 }), fc.array(fc.string()), (word, others) => {
      expect(
        closestWord(word, [...others.filter((one) => one.toLowerCase() !== word.toLowerCase()), word]),
      ).toBe(word);
    }),
  );
});

test('every problem is told at once, with path and what would fit', () => {
  const schema = z.strictObject({
    listen: z.array(z.string()),
    banner: z.string().max(3),
    level: z.enum(['a', 'b']),
    port: z.number().int().min(1),
    mail: z.email(),
  });
  expect(
    problems(schema, { listen: 'x', banner: 'long', level: 'c', port: 0, mail: 'no', listne: 1 }),
  ).toEqual([
    'listen: must be a list, not text',
    'banner: must have at most 3 characters',
    'level: must be "a" or "b"',
    'port: must be at least 1',
    'mail: must be a valid email address',
    'listne: is not known; did you mean "listen"?',
  ]);
  expect(problems(schema, {})).toContain('listen: is missing; it must be a list');
});
