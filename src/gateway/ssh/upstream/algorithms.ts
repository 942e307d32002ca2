import type { Algorithms } from 'ssh2';
import { libraryFeatures, serverAlgorithms } from '../algorithms.ts';
import { hostKeyAlgorithms, type HostKey } from './host-keys.ts';

/** For old assets. We are the client here: nobody outside can make us pay for it again and again. */
const FURTHER_KEY_EXCHANGES = ['diffie-hellman-group18-sha512'];

/** What the gateway offers to assets: what it offers to clients, and the host keys that are pinned. */
export function upstreamAlgorithms(pinned: readonly HostKey[]): Algorithms {
  const offered = serverAlgorithms(libraryFeatures());
  const algorithms = {
    ...offered,
    kex: [...(Array.isArray(offered.kex) ? offered.kex : []), ...FURTHER_KEY_EXCHANGES],
    serverHostKey: hostKeyAlgorithms(pinned),
  };
  return algorithms as Algorithms;
}
