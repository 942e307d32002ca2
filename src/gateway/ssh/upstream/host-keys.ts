/** A host key as it is stored: `ssh-ed25519` and the base64 of its wire form (RFC 4253 section 6.6). */
export interface HostKey {
  readonly algorithm: string;
  readonly blob: string;
}

/** Host key algorithms the gateway verifies, best first. RSA only with SHA-2 (RFC 8332), never DSA. */
const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/**
 * The list offered to an asset. Algorithms of pinned keys come first, so that an asset with several keys shows
 * one that is pinned, and is not mistaken for a changed one.
 */
export function hostKeyAlgorithms(pinned: readonly HostKey[]): readonly string[] {
  const types = new Set(pinned.map((key) => key.algorithm));
  const isPinned = (algorithm: string): boolean =>
    types.has(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...ALGORITHMS.filter(isPinned), ...ALGORITHMS.filter((algorithm) => !isPinned(algorithm))];
}

/** Reads the key an asset showed; undefined when it is no key. */
export function readHostKey(wire: Buffer): HostKey | undefined {
  if (wire.length < 5) return undefined;
  const length = wire.readUInt32BE(0);
  if (length < 1 || length > 64 || 4 + length >= wire.length) return undefined;
  const algorithm = wire.toString('latin1', 4, 4 + length);
  return /^[a-z0-9@.-]+$/.test(algorithm) ? { algorithm, blob: wire.toString('base64') } : undefined;
}

export type HostKeyVerdict = 'known' | 'first_use' | 'unknown' | 'changed';

export function judgeHostKey(
  shown: HostKey,
  pinned: readonly HostKey[],
  trustOnFirstUse: boolean,
): HostKeyVerdict {
  if (pinned.length === 0) return trustOnFirstUse ? 'first_use' : 'unknown';
  return pinned.some((key) => key.blob === shown.blob) ? 'known' : 'changed';
}
