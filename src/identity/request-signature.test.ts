import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { isSignedBy, isTimely, parseSignature, type SignedRequest } from './request-signature.ts';

const DATE = 'Tue, 01 Oct 2024 08:00:00 GMT';
const AT = Date.parse(DATE);
const request: SignedRequest = {
  method: 'GET',
  target: '/api/v1/users/users/?username=alice',
  headers: { date: DATE, host: 'gate' },
};
const secret = new Secret('0f6d3a2c-4a3a-4f6e-9b7c-2f9a1d3e5b7a');
/** As a client of JumpServer signs. */
const signed = `(request-target): get /api/v1/users/users/?username=alice\ndate: ${DATE}`;
const signature = createHmac('sha256', secret.expose()).update(signed).digest('base64');
const header = (
  more: Partial<Record<'keyId' | 'algorithm' | 'headers' | 'signature', string>> = {},
): string => {
  const values = {
    keyId: 'ak',
    algorithm: 'hmac-sha256',
    headers: '(request-target) date',
    signature,
    ...more,
  };
  return `Signature ${Object.entries(values)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}`;
};

test('what JumpServer documents is read and right', () => {
  const claimed = parseSignature(header());
  expect(claimed).toMatchObject({ keyId: 'ak', headers: ['(request-target)', 'date'] });
  if (claimed === undefined) return;
  expect(isSignedBy(secret, request, claimed)).toBe(true);
  expect(isSignedBy(new Secret('another'), request, claimed)).toBe(false);
  expect(isSignedBy(secret, { ...request, method: 'DELETE' }, claimed)).toBe(false);
  expect(isSignedBy(secret, { ...request, target: '/api/v1/users/users/?username=bob' }, claimed)).toBe(
    false,
  );
  expect(isSignedBy(secret, { ...request, headers: { date: 'x' } }, claimed)).toBe(false);
});

test.each([
  ['no scheme', 'keyId="a"'],
  ['another algorithm', header({ algorithm: 'hmac-sha1' })],
  ['only the date', header({ headers: 'date' })],
  ['only the target', header({ headers: '(request-target)' })],
  ['too many headers', header({ headers: `(request-target) date ${'a '.repeat(20)}` })],
  ['too long', header({ keyId: 'x'.repeat(2_000) })],
])('%s is none', (_, text) => {
  expect(parseSignature(text)).toBeUndefined();
});

test('five minutes to either side are near enough', () => {
  expect([-301, -300, 0, 300, 301].map((away) => isTimely(request, AT + away * 1000))).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
  expect(isTimely({ ...request, headers: {} }, AT)).toBe(false);
  expect(isTimely({ ...request, headers: { date: 'yesterday' } }, AT)).toBe(false);
});

test('whatever else comes is not signed, and nothing throws', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const claimed = parseSignature(`Signature ${text}`);
      expect(claimed === undefined || !isSignedBy(secret, request, claimed)).toBe(true);
    }),
  );
});
