import { nameKey } from '#contract/names.ts';
import type { AssetView } from '#contract/resources/asset.ts';
import type { AccountRow, AssetRow } from './schema.ts';
import type { StateReader } from './state.ts';

/** Assets as the API shows them, without secrets, ordered by name; with a name, that asset alone. */
export async function readAssetViews(db: StateReader, name?: string): Promise<readonly AssetView[]> {
  let query = db.selectFrom('assets').selectAll().orderBy('nameKey');
  if (name !== undefined) query = query.where('nameKey', '=', nameKey(name));
  const rows = await query.execute();
  const keys = Map.groupBy(
    await db.selectFrom('asset_host_keys').selectAll().orderBy('algorithm').orderBy('blob').execute(),
    (one) => one.assetId,
  );
  const accounts = Map.groupBy(
    await db
      .selectFrom('accounts')
      .select(['assetId', 'username', 'secretKind', 'updatedAt'])
      .orderBy('username')
      .execute(),
    (one) => one.assetId,
  );
  return rows.map((row) => ({
    name: row.name,
    address: row.address,
    port: row.port,
    trustOnFirstUse: row.trustOnFirstUse !== 0,
    hostKeys: (keys.get(row.id) ?? []).map((key) => ({
      algorithm: key.algorithm,
      key: key.blob,
      origin: key.origin === 'configured' ? 'configured' : 'first-use',
      pinnedAt: key.pinnedAt,
    })),
    accounts: (accounts.get(row.id) ?? []).map((account) => ({
      username: account.username,
      secret: account.secretKind,
      updatedAt: account.updatedAt,
    })),
  }));
}

export async function findAsset(db: StateReader, name: string): Promise<AssetRow | undefined> {
  return db.selectFrom('assets').selectAll().where('nameKey', '=', nameKey(name)).executeTakeFirst();
}

/** Account names are compared exactly: on many systems `Root` and `root` are two logins. */
export async function findAccount(
  db: StateReader,
  assetId: string,
  username: string,
): Promise<AccountRow | undefined> {
  return db
    .selectFrom('accounts')
    .selectAll()
    .where('assetId', '=', assetId)
    .where('username', '=', username)
    .executeTakeFirst();
}
