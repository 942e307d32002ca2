import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Secret } from '#lib/secret.ts';
import { hasSealedSecrets, rekeyAll } from '#recording/keeping/sealed-places.ts';
import { openStateInThread } from '#state/in-thread.ts';
import { accountContext } from '#vault/contexts.ts';
import { openVault } from '#vault/open-vault.ts';
import { meta, startBed, temporaryFolder } from '../recording/recorder-bed.ts';

test('once anything is sealed, a missing key file stops the start instead of being made anew', async () => {
  await using folder = await temporaryFolder();
  const keyFile = join(folder.path, 'master.key');
  {
    await using bed = await startBed({ dataDir: folder.path });
    await (await bed.recorder.start(meta())).finish('client');
  }
  await rm(keyFile);
  await using state = await openStateInThread(join(folder.path, 'state.db'));
  const createIfMissing = !(await hasSealedSecrets(state));
  await expect(openVault({ keyFile, createIfMissing })).rejects.toMatchObject({ code: 'E_VAULT_KEY' });
});

test('an account that is sealed anew opens under its own id only', async () => {
  await using bed = await startBed();
  const { state } = bed.storage;
  await state.transact(async (tx) => {
    await tx
      .insertInto('assets')
      .values({
        id: 'asset',
        name: 'web01',
        nameKey: 'web01',
        address: '192.0.2.1',
        port: 22,
        trustOnFirstUse: 0,
        createdAt: 0,
        updatedAt: 0,
      })
      .execute();
    for (let n = 0; n < 450; n++) {
      const id = `account-${String(n).padStart(3, '0')}`;
      const sealed =
        n % 3 === 0 ? null : bed.vault.seal(new Secret(`secret ${String(n)}`), accountContext(id));
      await tx
        .insertInto('accounts')
        .values({
          id,
          assetId: 'asset',
          username: id,
          secretKind: sealed === null ? 'none' : 'password',
          sealed,
          updatedAt: 0,
        })
        .execute();
    }
  });
  const key = await bed.vault.addKey();
  const report = await rekeyAll(state, bed.vault, { clock: Date.now, actor: 'root' });
  expect(report.keysInUse).toEqual([key]);
  expect(report.resealed).toMatchObject({ accounts: 300, settings: 1 });
  await bed.vault.retireKeys(new Set([key]));
  const rows = await state.reader
    .selectFrom('accounts')
    .selectAll()
    .where('sealed', 'is not', null)
    .execute();
  for (const { id, sealed } of rows) {
    const n = Number(id.slice('account-'.length));
    expect(bed.vault.openText(sealed ?? '', accountContext(id)).expose()).toBe(`secret ${String(n)}`);
  }
  expect(() => bed.vault.openText(rows[0]?.sealed ?? '', accountContext('other'))).toThrow(/does not open/);
});
