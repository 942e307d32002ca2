import { createHash } from 'node:crypto';

/** As long as a name may be. */
const MAX_NAME = 63;
const DIGEST_CHARS = 6;

/**
 * How a source is called that nobody has named: its address, and before it the host name in its lines if they have
 * one. The address stands last whatever a line says, so nobody can send under the name of another address. It is a
 * name as `contract/names.ts` has them.
 */
export function sourceName(address: string, host: string): string {
  const place = address.includes(':') ? `ip6-${address.replaceAll(':', '-')}` : address;
  if (host === '') return place;
  const room = MAX_NAME - place.length - 1;
  const plain = host.replaceAll(/[^a-z0-9.-]/g, '-').replace(/^[.-]+/, '');
  if (plain === host && plain.length <= room) return `${plain}_${place}`;
  // What was changed or cut could be the same as another.
  const digest = createHash('sha256').update(host).digest('hex').slice(0, DIGEST_CHARS);
  return `${plain.slice(0, room - DIGEST_CHARS - 1)}_${digest}_${place}`.replace(/^_/, '');
}
