import ssh2 from 'ssh2';

export type KeyType = 'ed25519' | 'ecdsa' | 'rsa';

export interface KeyPair {
  /** OpenSSH private key file. */
  readonly private: string;
  /** `ssh-ed25519 AAAA…` */
  readonly public: string;
}

const TRIES = 50;
const BITS = { ecdsa: 256, rsa: 2048 } as const;

/**
 * A key pair that can be read back. About one in 160 that ssh2 makes cannot: where the public point ends in
 * certain bytes, its generator cuts them off.
 */
export function generateKey(type: KeyType): KeyPair {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const pair = makePair(type);
    if (isReadable(pair.private) && isReadable(pair.public)) return pair;
  }
  throw new Error(`no ${type} key could be made`);
}

function makePair(type: KeyType): KeyPair {
  return type === 'ed25519'
    ? ssh2.utils.generateKeyPairSync(type)
    : ssh2.utils.generateKeyPairSync(type, { bits: BITS[type] } as { bits: 256 });
}

function isReadable(text: string): boolean {
  return !(ssh2.utils.parseKey(text) instanceof Error);
}
