import { nameKey } from '#contract/names.ts';
import type { AccountRow } from './schema.ts';
import type { StateTransaction } from './state.ts';

export interface AssetValues {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly trustOnFirstUse: boolean;
}

export async function insertAsset(
  tx: StateTransaction,
  id: string,
  asset: AssetValues,
  now: number,
): Promise<void> {
  await tx
    .insertInto('assets')
    .values({
      ...asset,
      id,
      nameKey: nameKey(asset.name),
      trustOnFirstUse: Number(asset.trustOnFirstUse),
      createdAt: now,
      updatedAt: now,
    })
    .execute();
}

export async function updateAsset(
  tx: StateTransaction,
  id: string,
  asset: Omit<AssetValues, 'name'>,
  now: number,
): Promise<void> {
  await tx
    .updateTable('assets')
    .set({
      address: asset.address,
      port: asset.port,
      trustOnFirstUse: Number(asset.trustOnFirstUse),
      updatedAt: now,
    })
    .where('id', '=', id)
    .execute();
}

/** A host key as it stands in `known_hosts`: algorithm and base64 of the wire form. */
export interface HostKey {
  readonly algorithm: string;
  readonly blob: string;
}

/**
 * Makes these the configured host keys. As soon as there is one, keys pinned at first use are dropped: what an
 * administrator states outranks what was once seen. Returns true when anything changed.
 */
export async function replaceHostKeys(
  tx: StateTransaction,
  assetId: string,
  keys: readonly HostKey[],
  now: number,
): Promise<boolean> {
  const rows = await tx
    .selectFrom('asset_host_keys')
    .select(['algorithm', 'blob', 'origin'])
    .where('assetId', '=', assetId)
    .execute();
  const wanted = new Set(keys.map((key) => key.blob));
  const gone = rows.filter((row) => (row.origin === 'configured' ? !wanted.has(row.blob) : keys.length > 0));
  if (gone.length > 0)
    await tx
      .deleteFrom('asset_host_keys')
      .where('assetId', '=', assetId)
      .where(
        'blob',
        'in',
        gone.map((row) => row.blob),
      )
      .execute();
  const kept = new Set(rows.filter((row) => !gone.includes(row)).map((row) => row.blob));
  const fresh = keys.filter((key) => !kept.has(key.blob));
  if (fresh.length > 0)
    await tx
      .insertInto('asset_host_keys')
      .values(
        fresh.map(({ algorithm, blob }) => ({
          assetId,
          algorithm,
          blob,
          origin: 'configured',
          pinnedAt: now,
        })),
      )
      .execute();
  return gone.length > 0 || fresh.length > 0;
}

/** Forgets the keys pinned at first use. Returns how many. */
export async function forgetPinnedHostKeys(tx: StateTransaction, assetId: string): Promise<number> {
  const done = await tx
    .deleteFrom('asset_host_keys')
    .where('assetId', '=', assetId)
    .where('origin', '=', 'first-use')
    .executeTakeFirst();
  return Number(done.numDeletedRows);
}

export async function insertAccount(tx: StateTransaction, account: AccountRow): Promise<void> {
  await tx.insertInto('accounts').values(account).execute();
}

export async function setAccountSecret(
  tx: StateTransaction,
  accountId: string,
  secret: { readonly secretKind: AccountRow['secretKind']; readonly sealed: string | null },
  now: number,
): Promise<void> {
  await tx
    .updateTable('accounts')
    .set({ ...secret, updatedAt: now })
    .where('id', '=', accountId)
    .execute();
}

export async function deleteAccount(tx: StateTransaction, accountId: string): Promise<void> {
  await tx.deleteFrom('accounts').where('id', '=', accountId).execute();
}

/** Deletes the asset; its accounts and host keys go with the row. */
export async function deleteAsset(tx: StateTransaction, assetId: string): Promise<void> {
  await tx.deleteFrom('assets').where('id', '=', assetId).execute();
}
