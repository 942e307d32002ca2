import { createRequire } from 'node:module';
import type { Algorithms } from 'ssh2';

/** What of ssh2 is there on this machine. */
export interface LibraryFeatures {
  /** ssh2's compiled crypto. Without it everything is slower, and chacha20-poly1305 is broken in nested connections. */
  readonly hasNativeCrypto: boolean;
  /** Key exchanges that ssh2 knows; the post-quantum one comes with the patch at installation. */
  readonly knownKeyExchanges: readonly string[];
}

const require = createRequire(import.meta.url);

export function libraryFeatures(): LibraryFeatures {
  const crypto = require('ssh2/lib/protocol/crypto.js') as { readonly bindingAvailable: boolean };
  const constants = require('ssh2/lib/protocol/constants.js') as {
    readonly SUPPORTED_KEX: readonly string[];
  };
  return { hasNativeCrypto: crypto.bindingAvailable, knownKeyExchanges: constants.SUPPORTED_KEX };
}

const KEY_EXCHANGES = [
  'mlkem768x25519-sha256',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  // For old clients. Group 18 would let anybody burn 25 ms of the thread that carries sessions per connection.
  'diffie-hellman-group16-sha512',
];

/**
 * What the gateway offers to clients, in order of preference. Written out because ssh2's own lists hold SHA-1, zlib
 * and a key exchange its server does not have. Host key types follow from the host keys.
 */
export function serverAlgorithms({ hasNativeCrypto, knownKeyExchanges }: LibraryFeatures): Algorithms {
  const algorithms = {
    kex: KEY_EXCHANGES.filter((name) => knownKeyExchanges.includes(name)),
    cipher: [
      'aes128-gcm@openssh.com',
      'aes256-gcm@openssh.com',
      ...(hasNativeCrypto ? ['chacha20-poly1305@openssh.com'] : []),
      'aes256-ctr',
    ],
    hmac: [
      'hmac-sha2-256-etm@openssh.com',
      'hmac-sha2-512-etm@openssh.com',
      'hmac-sha2-256',
      'hmac-sha2-512',
    ],
    compress: ['none'],
  };
  // The types of ssh2 do not know the patched key exchange.
  return algorithms as Algorithms;
}
