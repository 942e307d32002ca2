import { createRequire } from 'node:module';
import type { Algorithms } from 'ssh2';
import { hostKeyAlgorithms, type HostKey } from './host-keys.ts';

const require = createRequire(import.meta.url);
const { SUPPORTED_KEX } = require('ssh2/lib/protocol/constants.js') as {
  readonly SUPPORTED_KEX: readonly string[];
};
const { bindingAvailable } = require('ssh2/lib/protocol/crypto.js') as { readonly bindingAvailable: boolean };

const KEX = [
  'mlkem768x25519-sha256',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
];

/** What the gateway offers to assets. Explicit, since ssh2's own lists hold SHA-1 and zlib. */
export function upstreamAlgorithms(pinned: readonly HostKey[]): Algorithms {
  const algorithms = {
    // The post-quantum exchange is there when the installation could add it.
    kex: KEX.filter((name) => SUPPORTED_KEX.includes(name)),
    serverHostKey: hostKeyAlgorithms(pinned),
    cipher: [
      'aes128-gcm@openssh.com',
      'aes256-gcm@openssh.com',
      // Without native crypto ssh2's implementation of it is slow and shares state between connections.
      ...(bindingAvailable ? ['chacha20-poly1305@openssh.com'] : []),
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
  return algorithms as unknown as Algorithms;
}
