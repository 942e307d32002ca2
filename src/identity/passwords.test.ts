import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { formatPasswordHash, parsePasswordHash } from './password-hash.ts';
import { createPasswords } from './passwords.ts';

const cheap = createPasswords({ cost: { memoryKiB: 64, passes: 1, lanes: 1 } });

// From the test suite of the argon2 reference implementation (version 19, argon2id).
test.each([
  ['password', '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'],
  ['password', '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc'],
  ['password', '$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg'],
  [
    'differentpassword',
    '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94',
  ],
])('%s fits the published hash %s', async (password, phc) => {
  expect(await cheap.verify(new Secret(password), phc)).toBe(true);
  expect(await cheap.verify(new Secret(`${password} `), phc)).toBe(false);
});

test('a password fits its own hash only, and equal passwords have different hashes', async () => {
  const first = await cheap.hash(new Secret('correct horse'));
  const second = await cheap.hash(new Secret('correct horse'));
  expect(first).not.toBe(second);
  expect(await cheap.verify(new Secret('correct horse'), first)).toBe(true);
  expect(await cheap.verify(new Secret('correct horsf'), first)).toBe(false);
  expect(await cheap.verify(new Secret(''), first)).toBe(false);
});

test('letters composed by different keyboards are one password', async () => {
  const hash = await cheap.hash(new Secret('caf\u00E9'));
  expect(await cheap.verify(new Secret('cafe\u0301'), hash)).toBe(true);
});

test('nobody has a password: null and unreadable hashes refuse everything', async () => {
  for (const phc of [
    null,
    '',
    'x',
    '$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA',
    '$2b$12$abcdefghijklmnopqrstuv',
  ]) {
    expect(await cheap.verify(new Secret(''), phc)).toBe(false);
    expect(await cheap.verify(new Secret('password'), phc)).toBe(false);
  }
});

test.each([
  '$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=256,t=99,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=8,t=1,p=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65',
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHR$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4 ',
])('%s is not accepted as a hash', (text) => {
  expect(parsePasswordHash(text)).toBeUndefined();
});

test('what is written is read back, and what is read is written the same', () => {
  const hash = fc.record({
    memoryKiB: fc.integer({ min: 64, max: 262_144 }),
    passes: fc.integer({ min: 1, max: 16 }),
    lanes: fc.integer({ min: 1, max: 8 }),
    salt: fc.uint8Array({ minLength: 8, maxLength: 64 }),
    tag: fc.uint8Array({ minLength: 16, maxLength: 64 }),
  });
  fc.assert(
    fc.property(hash, (one) => {
      const text = formatPasswordHash(one);
      const parsed = parsePasswordHash(text);
      expect(parsed).toBeDefined();
      expect(parsed && formatPasswordHash(parsed)).toBe(text);
      expect(Buffer.from(parsed?.salt ?? [])).toEqual(Buffer.from(one.salt));
    }),
  );
});
