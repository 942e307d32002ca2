import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { generateKey } from './generate-key.ts';

test('every key that is made can be read back, private and public', () => {
  for (let count = 0; count < 600; count += 1) {
    const { private: privateKey, public: publicKey } = generateKey('ed25519');
    expect(ssh2.utils.parseKey(privateKey)).not.toBeInstanceOf(Error);
    expect(ssh2.utils.parseKey(publicKey)).not.toBeInstanceOf(Error);
  }
});

test.each(['ecdsa', 'rsa'] as const)('%s keys are made too', (type) => {
  expect(ssh2.utils.parseKey(generateKey(type).private)).not.toBeInstanceOf(Error);
});
