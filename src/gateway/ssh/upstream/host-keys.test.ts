import { expect, test } from 'vitest';
import { hostKeyAlgorithms, judgeHostKey, readHostKey } from './host-keys.ts';

const ed25519 = { algorithm: 'ssh-ed25519', blob: 'AAAA' };
const ecdsa = { algorithm: 'ecdsa-sha2-nistp256', blob: 'BBBB' };
const rsa = { algorithm: 'ssh-rsa', blob: 'CCCC' };

test('algorithms of pinned keys are offered first, RSA as its SHA-2 forms', () => {
  expect(hostKeyAlgorithms([])[0]).toBe('ssh-ed25519');
  expect(hostKeyAlgorithms([ecdsa]).slice(0, 2)).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519']);
  expect(hostKeyAlgorithms([rsa]).slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
  expect(hostKeyAlgorithms([rsa])).not.toContain('ssh-rsa');
  expect(new Set(hostKeyAlgorithms([ecdsa, rsa])).size).toBe(6);
});

test('an unknown key fails closed, a changed one even with trust on first use', () => {
  expect(judgeHostKey(ed25519, [], false)).toBe('unknown');
  expect(judgeHostKey(ed25519, [], true)).toBe('first_use');
  expect(judgeHostKey(ed25519, [ecdsa, ed25519], false)).toBe('known');
  expect(judgeHostKey(ed25519, [{ ...ed25519, blob: 'AAAB' }], true)).toBe('changed');
  expect(judgeHostKey(ecdsa, [ed25519], true)).toBe('changed');
});

test('reads the algorithm out of the wire form, and refuses what is none', () => {
  const wire = (name: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(name.length);
    return Buffer.concat([length, Buffer.from(name), Buffer.from('key')]);
  };
  expect(readHostKey(wire('ssh-ed25519'))?.algorithm).toBe('ssh-ed25519');
  expect(readHostKey(wire('ssh-\x1b[31m'))).toBeUndefined();
  expect(readHostKey(wire(''))).toBeUndefined();
  expect(readHostKey(Buffer.alloc(3))).toBeUndefined();
  expect(readHostKey(Buffer.from([255, 255, 255, 255, 1, 2]))).toBeUndefined();
});
