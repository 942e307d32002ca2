import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { answeredAt, isPlainPath } from './path-guard.ts';

test.each([
  '/',
  '/v1/users',
  '/v1/users/alice.li_1-x',
  '/v1/assets/web01/accounts/DOM%5Cadmin',
  '/v1/events?text=a;b//c%2f..',
  '/docs/static/swagger-ui.css',
  '/docs/',
  `/v1/users/${'a'.repeat(256)}`,
])('%s is plain', (path) => {
  expect(isPlainPath(path)).toBe(true);
});

test.each([
  '',
  '*',
  'http://elsewhere.test/v1/users',
  '//v1/users',
  '/v1//users',
  '/v1/users//',
  '/v1/users;x=1',
  '/v1/users%3bx',
  '/v1/x;/users',
  '/v1%2fusers',
  '/v1/%2e%2e/healthz',
  '/healthz/../v1/users',
  '/./v1/users',
  '/v1/users.',
  '/v1/users%00',
  '/v1/users%',
  '/v1\\users',
  '/v1/üsers',
  '/v1/users#x',
  `/${'a/'.repeat(600)}`,
  `/v1/users/${'a'.repeat(257)}`,
])('%s is not', (path) => {
  expect(isPlainPath(path)).toBe(false);
});

test.each([
  ['/v1/users?x=;', '/v1/users?x=;'],
  ['/v1/users;', '/-'],
  ['/api/v1/users/;', '/api/v1/-'],
  ['/api/v1/../v1/me', '/api/v1/-'],
  ['/api/v1;/users/', '/-'],
  ['//api/v1/users/', '/-'],
  ['/API/v1/users;/', '/-'],
])('%s is answered at %s', (target, place) => {
  expect(answeredAt(target, ['/api/v1'])).toBe(place);
});

test('a plain path is the same path for the URL parser', () => {
  const segment = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 4 });
  const differs = (segments: string[]): boolean => {
    const path = `/${segments.join('/')}`;
    return isPlainPath(path) && new URL(path, 'http://h.test').pathname !== path.split('?', 1)[0];
  };
  expect(
    fc.check(
      fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), (segments) => !differs(segments)),
    ),
  ).toMatchObject({ failed: false });
});
