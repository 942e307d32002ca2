import { nameKey } from '#contract/names.ts';
import type { LockTargetKind } from '#contract/resources/lock.ts';
import { parseIpRange } from '#lib/ip.ts';
import { findAccount, findAsset } from '#state/asset-view-reader.ts';
import type { Services } from './services.ts';

/** Prefixes of the widest ranges that one lock may hold; an operator has no wider network. */
const SHORTEST_PREFIX_BITS = { 4: 8, 6: 16 };

/**
 * Why a lock on this target would hit too much; undefined when it is sound. Nobody can tell which addresses
 * administrators come from, so a range that may hold them all is refused as such. A lock on the gateway shuts
 * everybody out too, but does not bind the API, where it is lifted.
 */
export function lockExcessProblem(kind: LockTargetKind, target: string): string | undefined {
  const range = kind === 'address' ? parseIpRange(target) : undefined;
  if (range === undefined || range.prefixBits >= SHORTEST_PREFIX_BITS[range.base.version]) return undefined;
  return `is wider than /8 (IPv6: /16) and may shut everybody out, the API included; lock the gateway (*) instead, which the API can lift`;
}

/** Why a lock on this target would hit nothing; undefined when it is sound. A lock with a slip of the pen protects nobody. */
export async function lockTargetProblem(
  services: Pick<Services, 'state' | 'users' | 'control'>,
  kind: LockTargetKind,
  target: string,
): Promise<string | undefined> {
  const db = services.state.reader;
  switch (kind) {
    case 'user':
      return (await services.users.find(target)) === undefined ? `there is no user ${target}` : undefined;
    case 'group': {
      const row = await db
        .selectFrom('groups')
        .select('id')
        .where('nameKey', '=', nameKey(target))
        .executeTakeFirst();
      return row === undefined ? `there is no group ${target}` : undefined;
    }
    case 'asset':
      return (await findAsset(db, target)) === undefined ? `there is no asset ${target}` : undefined;
    case 'account': {
      const at = target.lastIndexOf('@');
      const asset = at < 1 ? undefined : await findAsset(db, target.slice(at + 1));
      if (asset === undefined) return 'must be account@asset, of an asset that exists';
      const account = await findAccount(db, asset.id, target.slice(0, at));
      return account === undefined ? `there is no account ${target}` : undefined;
    }
    case 'address':
      return parseIpRange(target) === undefined
        ? 'must be an IP address or a range such as 10.0.0.0/8'
        : undefined;
    case 'key':
      return /^SHA256:[A-Za-z0-9+/]{43}$/.test(target)
        ? undefined
        : 'must be a fingerprint as ssh-keygen -l prints it: SHA256:…';
    case 'session':
      return (await services.control.sessions()).some((one) => one.id === target)
        ? undefined
        : 'there is no such live session';
    case 'gateway':
      return target === '*' ? undefined : 'must be *';
    case 'foreign-user':
      return 'is kept by a playbook through a connector, not by hand; disable the user at that server instead';
    default:
      return kind satisfies never;
  }
}
