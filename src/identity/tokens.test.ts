import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { hashSecret, isLinkSecret, issueLinkSecret, issueToken, sameHash } from './tokens.ts';

test('a token has a prefix for scanners and 256 bits, and only its digest is kept', () => {
  const { secret, hash } = issueToken();
  expect(secret.expose()).toMatch(/^pct_[A-Za-z0-9_-]{43}$/);
  expect(hash).toBe(createHash('sha256').update(secret.expose()).digest('hex'));
  expect(inspect({ secret, hash })).not.toContain(secret.expose());
});

test('no two tokens are alike', () => {
  expect(new Set(Array.from({ length: 1000 }, () => issueToken().secret.expose())).size).toBe(1000);
});

test('a link secret fits into a path as it is', () => {
  const text = issueLinkSecret().secret.expose();
  expect(isLinkSecret(text)).toBe(true);
  expect(encodeURIComponent(text)).toBe(text);
  expect(isLinkSecret(`${text}/`)).toBe(false);
});

test('digests are equal only when they are, and nothing equals nothing', () => {
  expect(sameHash(hashSecret('a'), hashSecret('a'))).toBe(true);
  expect(sameHash(hashSecret('a'), hashSecret('b'))).toBe(false);
  expect(sameHash('', '')).toBe(false);
  expect(sameHash(hashSecret('a'), '')).toBe(false);
});
