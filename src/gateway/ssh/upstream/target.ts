import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { StateReader } from '#state/state.ts';
import type { HostKey } from './host-keys.ts';

/** Where a session goes: only ever from the state database, never from what a client said. */
export interface UpstreamTarget {
  readonly assetId: string;
  readonly asset: string;
  readonly address: string;
  readonly port: number;
  readonly trustOnFirstUse: boolean;
  readonly hostKeys: readonly HostKey[];
  readonly accountId: string;
  readonly account: string;
  readonly secretKind: 'none' | 'password' | 'privateKey';
  readonly sealed: string | null;
}

/** Finds the asset and its account by name (asset names without case); undefined when there is none. */
export async function findTarget(
  reader: StateReader,
  asset: string,
  account: string,
): Promise<UpstreamTarget | undefined> {
  const row = await reader
    .selectFrom('assets')
    .innerJoin('accounts', 'accounts.assetId', 'assets.id')
    .select([
      'assets.id as assetId',
      'assets.name as asset',
      'assets.address',
      'assets.port',
      'assets.trustOnFirstUse',
      'accounts.id as accountId',
      'accounts.username as account',
      'accounts.secretKind',
      'accounts.sealed',
    ])
    .where('assets.nameKey', '=', nameKey(asset))
    .where('accounts.username', '=', account)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const hostKeys = await reader
    .selectFrom('asset_host_keys')
    .select(['algorithm', 'blob'])
    .where('assetId', '=', row.assetId)
    .execute();
  if (row.port < 1 || row.port > 65_535)
    throw new PortcullisError('E_STATE', `The stored port of asset ${row.asset} is none; correct it.`);
  return { ...row, trustOnFirstUse: row.trustOnFirstUse !== 0, hostKeys };
}
