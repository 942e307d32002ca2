import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isProved } from './key-signatures.ts';
import { parsePublicKeyLine } from './public-key-line.ts';
import { parsePublicKey, type PublicKey } from './public-keys.ts';

const string = (bytes: Uint8Array | string): Buffer => {
  const body = Buffer.from(bytes);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([length, body]);
};

/** `mpint` of RFC 4251 section 5, from big-endian bytes. */
const mpint = (bytes: Uint8Array): Buffer => {
  let body = Buffer.from(bytes);
  while (body.length > 0 && body[0] === 0) body = body.subarray(1);
  return string((body[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), body]) : body);
};

function read(blob: Uint8Array): PublicKey {
  const parsed = parsePublicKey(blob);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function problem(blob: Uint8Array): string {
  const parsed = parsePublicKey(blob);
  return parsed.ok ? 'no problem' : parsed.error;
}

describe('keys made by ssh-keygen', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'public-keys-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['ed25519', []],
    ['ecdsa', ['-b', '256']],
    ['ecdsa', ['-b', '384']],
    ['ecdsa', ['-b', '521']],
    ['rsa', ['-b', '2048']],
    ['rsa', ['-b', '3072']],
  ])('%s %j is read with the fingerprint ssh-keygen prints', (type, options) => {
    const file = join(folder, `${type}${options.at(-1) ?? ''}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-N', '', '-C', 'alice on laptop', '-f', file]);
    const line = readFileSync(`${file}.pub`, 'utf8');
    const parsed = parsePublicKeyLine(line);
    if (!parsed.ok) throw new Error(parsed.error);
    const printed = execFileSync('ssh-keygen', ['-l', '-f', `${file}.pub`], { encoding: 'utf8' });
    expect(parsed.value.fingerprint).toBe(printed.split(' ')[1]);
    expect(parsed.value.comment).toBe('alice on laptop');
    expect(line).toContain(parsed.value.blob.toString('base64'));
  });

  test.each([
    ['rsa', ['-b', '1024'], /2048 bits, this one has 1024/],
    ['rsa', ['-b', '2047'], /2048 bits, this one has 2047/],
    ['dsa', [], /DSA keys are not accepted/],
  ])('%s %j is refused with a reason', (type, options, reason) => {
    const file = join(folder, `weak-${type}${options.at(-1) ?? ''}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, ...options, '-N', '', '-f', file]);
    const parsed = parsePublicKeyLine(readFileSync(`${file}.pub`, 'utf8'));
    expect(parsed.ok ? 'accepted' : parsed.error).toMatch(reason);
  });
});

describe('keys nobody should accept', () => {
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
  const x = Buffer.from(p256.x ?? '', 'base64url');
  const y = Buffer.from(p256.y ?? '', 'base64url');
  const ecdsa = (curve: string, point: Buffer): Buffer =>
    Buffer.concat([string('ecdsa-sha2-nistp256'), string(curve), string(point)]);
  const rsa = (e: Buffer, n: Buffer): Buffer => Buffer.concat([string('ssh-rsa'), e, n]);
  const n2048 = Buffer.alloc(256, 0xff);
  const exponent = mpint(Buffer.of(1, 0, 1));

  test('the good ones these are made from are accepted', () => {
    expect(problem(ecdsa('nistp256', Buffer.concat([Buffer.of(4), x, y])))).toBe('no problem');
    expect(problem(rsa(exponent, mpint(n2048)))).toBe('no problem');
  });

  test.each([
    ['a point off the curve', ecdsa('nistp256', Buffer.concat([Buffer.of(4), x, Buffer.alloc(32, 1)]))],
    ['the point at infinity', ecdsa('nistp256', Buffer.of(0))],
    ['a compressed point', ecdsa('nistp256', Buffer.concat([Buffer.of(2), x]))],
    ['another curve than the type says', ecdsa('nistp384', Buffer.concat([Buffer.of(4), x, y]))],
    [
      'bytes left over',
      Buffer.concat([ecdsa('nistp256', Buffer.concat([Buffer.of(4), x, y])), Buffer.of(0)]),
    ],
    ['a short Ed25519 point', Buffer.concat([string('ssh-ed25519'), string(Buffer.alloc(31))])],
    ['an Ed25519 key of no length', Buffer.concat([string('ssh-ed25519'), string('')])],
    ['an RSA key of 16384 bits', rsa(exponent, mpint(Buffer.alloc(2048, 0xff)))],
    ['an RSA key of 8200 bits', rsa(exponent, mpint(Buffer.alloc(1025, 0xff)))],
    ['an even modulus', rsa(exponent, mpint(Buffer.concat([n2048.subarray(1), Buffer.of(0xfe)])))],
    ['exponent one', rsa(mpint(Buffer.of(1)), mpint(n2048))],
    ['an even exponent', rsa(mpint(Buffer.of(4)), mpint(n2048))],
    ['an exponent as long as the modulus', rsa(mpint(n2048), mpint(n2048))],
    ['a negative modulus', rsa(exponent, string(n2048))],
    ['a modulus padded with zeros', rsa(exponent, string(Buffer.concat([Buffer.alloc(2), n2048])))],
    ['a length that says four gigabytes', Buffer.from('ffffffff', 'hex')],
    ['nothing', Buffer.alloc(0)],
    ['a host certificate', Buffer.concat([string('ssh-ed25519-cert-v01@openssh.com'), string('x')])],
  ])('%s', (_what, blob) => {
    expect(problem(blob)).not.toBe('no problem');
  });

  test('no bytes make it throw, and what it accepts it accepts in one encoding only', () => {
    const good = ecdsa('nistp256', Buffer.concat([Buffer.of(4), x, y]));
    const mutated = fc
      .tuple(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, flip]) => Buffer.from(good.map((byte, index) => (index === at ? byte ^ flip : byte))));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
        const parsed = parsePublicKey(bytes);
        expect(!parsed.ok || Buffer.from(bytes).equals(parsed.value.blob)).toBe(true);
        expect(parsed.ok && Buffer.from(bytes).equals(good)).toBe(false);
      }),
    );
  });

  test.each([
    'ssh-ed25519',
    'command="id" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
    'ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\nssh-ed25519 AAAA',
    '',
  ])('the line %j', (line) => {
    expect(parsePublicKeyLine(line).ok).toBe(false);
  });
});

describe('proofs', () => {
  const signed = Buffer.from('session identifier and request');
  const ed25519 = generateKeyPairSync('ed25519');
  const point = Buffer.from(ed25519.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecJwk = ec.publicKey.export({ format: 'jwk' });
  const ecPoint = Buffer.concat([
    Buffer.of(4),
    Buffer.from(ecJwk.x ?? '', 'base64url'),
    Buffer.from(ecJwk.y ?? '', 'base64url'),
  ]);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
  const rsaBlob = Buffer.concat([
    string('ssh-rsa'),
    mpint(Buffer.from(rsaJwk.e ?? '', 'base64url')),
    mpint(Buffer.from(rsaJwk.n ?? '', 'base64url')),
  ]);
  const edKey = read(Buffer.concat([string('ssh-ed25519'), string(point)]));
  const ecKey = read(Buffer.concat([string('ecdsa-sha2-nistp256'), string('nistp256'), string(ecPoint)]));
  const rsaKey = read(rsaBlob);
  const plain = { rsaHash: undefined, signed } as const;

  test('of Ed25519, ECDSA and RSA keys hold for what was signed and nothing else', () => {
    const proofs = [
      [edKey, { ...plain, signature: sign(null, signed, ed25519.privateKey) }],
      [ecKey, { ...plain, signature: sign('sha256', signed, ec.privateKey) }],
      [rsaKey, { signed, rsaHash: 'sha256', signature: sign('sha256', signed, rsa.privateKey) }],
      [rsaKey, { signed, rsaHash: 'sha512', signature: sign('sha512', signed, rsa.privateKey) }],
    ] as const;
    for (const [key, proof] of proofs) {
      expect(isProved(key, proof)).toBe(true);
      expect(isProved(key, { ...proof, signed: Buffer.from('another request') })).toBe(false);
      expect(isProved(key, { ...proof, signature: proof.signature.subarray(1) })).toBe(false);
      expect(isProved(key, { ...proof, signature: Buffer.alloc(0) })).toBe(false);
    }
    expect(isProved(edKey, { ...plain, signature: sign('sha256', signed, ec.privateKey) })).toBe(false);
  });

  test('of RSA with SHA-1 are refused', () => {
    expect(isProved(rsaKey, { ...plain, signature: sign('sha1', signed, rsa.privateKey) })).toBe(false);
  });

  describe('of FIDO tokens', () => {
    const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
    const skEd = read(Buffer.concat([string('sk-ssh-ed25519@openssh.com'), string(point), string('ssh:')]));
    const skEc = read(
      Buffer.concat([
        string('sk-ecdsa-sha2-nistp256@openssh.com'),
        string('nistp256'),
        string(ecPoint),
        string('ssh:'),
      ]),
    );
    const state = (flags: number): Buffer => Buffer.of(flags, 0, 0, 0, 7);
    const message = (flags: number): Buffer => Buffer.concat([sha256('ssh:'), state(flags), sha256(signed)]);
    const edProof = (flags: number): Buffer =>
      Buffer.concat([sign(null, message(flags), ed25519.privateKey), state(flags)]);
    const ecProof = (flags: number): Buffer => {
      const halves = sign('sha256', message(flags), { key: ec.privateKey, dsaEncoding: 'ieee-p1363' });
      return Buffer.concat([mpint(halves.subarray(0, 32)), mpint(halves.subarray(32)), state(flags)]);
    };

    test('hold when the token was touched', () => {
      expect(isProved(skEd, { ...plain, signature: edProof(1) })).toBe(true);
      expect(isProved(skEd, { ...plain, signature: edProof(5) })).toBe(true);
      expect(isProved(skEc, { ...plain, signature: ecProof(1) })).toBe(true);
    });

    test('do not hold when it was not touched, or says so falsely', () => {
      expect(isProved(skEd, { ...plain, signature: edProof(0) })).toBe(false);
      expect(isProved(skEd, { ...plain, signature: edProof(4) })).toBe(false);
      expect(isProved(skEc, { ...plain, signature: ecProof(0) })).toBe(false);
      const forged = edProof(0);
      forged[64] = 1;
      expect(isProved(skEd, { ...plain, signature: forged })).toBe(false);
    });

    test('are bound to their application', () => {
      const other = read(
        Buffer.concat([string('sk-ssh-ed25519@openssh.com'), string(point), string('ssh:other')]),
      );
      expect(isProved(other, { ...plain, signature: edProof(1) })).toBe(false);
    });
  });
});
