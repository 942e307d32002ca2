import { expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { authorize } from './credential.ts';

const request = {
  method: 'GET',
  target: '/api/v1/users/users/?username=alice',
  nowMs: Date.UTC(2024, 9, 1, 8, 0, 0),
};

test('a token goes as it is', () => {
  const token = 'a'.repeat(40);
  expect(authorize({ kind: 'token', token: new Secret(token) }, request)).toEqual({
    Authorization: `Token ${token}`,
    Date: 'Tue, 01 Oct 2024 08:00:00 GMT',
  });
});

test('an access key signs method, target and date', () => {
  const { Authorization } = authorize(
    { kind: 'access-key', id: 'key-1', secret: new Secret('0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0') },
    request,
  );
  // printf '(request-target): get …\ndate: …' | openssl dgst -sha256 -hmac … -binary | base64
  expect(Authorization).toBe(
    'Signature keyId="key-1",algorithm="hmac-sha256",headers="(request-target) date",signature="0DIiw5GhRxFsapwiWuHXvu+uA7JlddbkS6TjLvBlypo="',
  );
});
