import { timingSafeEqual } from 'node:crypto';
import { nameKey } from '#contract/names.ts';
import type { AccountInput } from '#contract/resources/asset.ts';
import { newId } from '#lib/ids.ts';
import { Secret } from '#lib/secret.ts';
import {
  insertAccount,
  insertAsset,
  replaceHostKeys,
  setAccountSecret,
  updateAsset,
} from '#state/asset-writer.ts';
import type { AccountRow, AssetRow } from '#state/schema.ts';
import type { StateTransaction } from '#state/state.ts';
import { accountContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import type { Changes } from './changes.ts';
import type { PreparedAsset } from './prepare-document.ts';

const DEFAULT_PORT = 22;

export async function storeAssets(
  tx: StateTransaction,
  assets: readonly PreparedAsset[],
  vault: Vault,
  changes: Changes,
  now: number,
): Promise<void> {
  if (assets.length === 0) return;
  const rows = await tx.selectFrom('assets').selectAll().execute();
  const existing = new Map(rows.map((row) => [row.nameKey, row]));
  for (const asset of assets) {
    const row = existing.get(nameKey(asset.input.name));
    const id = row?.id ?? newId(now);
    if (row === undefined) await createAsset(tx, id, asset, changes, now);
    else await changeAsset(tx, row, asset, changes, now);
    for (const account of asset.input.accounts)
      await storeAccount(tx, { id, name: row?.name ?? asset.input.name }, account, vault, changes, now);
  }
}

async function createAsset(
  tx: StateTransaction,
  id: string,
  { input, hostKeys = [] }: PreparedAsset,
  changes: Changes,
  now: number,
): Promise<void> {
  const { name, address, port = DEFAULT_PORT, trustOnFirstUse = false } = input;
  await insertAsset(tx, id, { name, address, port, trustOnFirstUse }, now);
  await replaceHostKeys(tx, id, hostKeys, now);
  changes.created('asset', name);
}

async function changeAsset(
  tx: StateTransaction,
  row: AssetRow,
  { input, hostKeys }: PreparedAsset,
  changes: Changes,
  now: number,
): Promise<void> {
  const wanted = {
    address: input.address,
    port: input.port ?? row.port,
    trustOnFirstUse: input.trustOnFirstUse ?? row.trustOnFirstUse !== 0,
  };
  const fields: string[] = [];
  if (wanted.address !== row.address) fields.push('address');
  if (wanted.port !== row.port) fields.push('port');
  if (wanted.trustOnFirstUse !== (row.trustOnFirstUse !== 0)) fields.push('trustOnFirstUse');
  if (fields.length > 0) await updateAsset(tx, row.id, wanted, now);
  if (hostKeys !== undefined && (await replaceHostKeys(tx, row.id, hostKeys, now))) fields.push('hostKeys');
  changes.compared('asset', row.name, fields);
}

interface GivenSecret {
  readonly kind: 'password' | 'privateKey';
  readonly secret: Secret;
}

function givenSecret(account: AccountInput): GivenSecret | undefined {
  if (account.password !== undefined) return { kind: 'password', secret: new Secret(account.password) };
  if (account.privateKey !== undefined) return { kind: 'privateKey', secret: new Secret(account.privateKey) };
  return undefined;
}

async function storeAccount(
  tx: StateTransaction,
  asset: { readonly id: string; readonly name: string },
  account: AccountInput,
  vault: Vault,
  changes: Changes,
  now: number,
): Promise<void> {
  const row = await tx
    .selectFrom('accounts')
    .selectAll()
    .where('assetId', '=', asset.id)
    .where('username', '=', account.username)
    .executeTakeFirst();
  const name = `${account.username}@${asset.name}`;
  const given = givenSecret(account);
  const id = row?.id ?? newId(now);
  const seal = ({ kind, secret }: GivenSecret): Pick<AccountRow, 'secretKind' | 'sealed'> => ({
    secretKind: kind,
    sealed: vault.seal(secret, accountContext(id)),
  });
  if (row === undefined) {
    const secret = given === undefined ? { secretKind: 'none' as const, sealed: null } : seal(given);
    await insertAccount(tx, { id, assetId: asset.id, username: account.username, ...secret, updatedAt: now });
    changes.created('account', name);
    return;
  }
  if (given === undefined || holds(vault, row, given)) {
    changes.compared('account', name, []);
    return;
  }
  await setAccountSecret(tx, row.id, seal(given), now);
  changes.compared('account', name, ['secret']);
}

function holds(vault: Vault, row: AccountRow, given: GivenSecret): boolean {
  if (row.secretKind !== given.kind || row.sealed === null) return false;
  const stored = Buffer.from(vault.openText(row.sealed, accountContext(row.id)).expose());
  const wanted = Buffer.from(given.secret.expose());
  return stored.length === wanted.length && timingSafeEqual(stored, wanted);
}
