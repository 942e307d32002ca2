import type { State } from '#state/state.ts';
import { accountContext, recordingKeyContext } from '#vault/contexts.ts';
import { type RekeyReport, rekeyPlaces, type SealedPlace } from '#vault/rekey.ts';
import type { Vault } from '#vault/vault.ts';

const PAGE = 200;

/** Seals everything in the state database anew that is under an older master key. */
export function rekeyVault(vault: Vault, state: State): Promise<RekeyReport> {
  return rekeyPlaces(vault, [accountSecrets(state), recordingKeys(state)]);
}

function accountSecrets(state: State): SealedPlace {
  return {
    name: 'accounts',
    context: accountContext,
    page: async (afterId) => {
      const rows = await state.reader
        .selectFrom('accounts')
        .select(['id', 'sealed'])
        .where('id', '>', afterId)
        .where('sealed', 'is not', null)
        .orderBy('id')
        .limit(PAGE)
        .execute();
      return rows.map(({ id, sealed }) => ({ id, sealed: sealed ?? '' }));
    },
    replace: (changes) =>
      state.transact(async (tx) => {
        let count = 0n;
        for (const { id, sealed, resealed } of changes) {
          const done = await tx
            .updateTable('accounts')
            .set({ sealed: resealed })
            .where('id', '=', id)
            .where('sealed', '=', sealed)
            .executeTakeFirst();
          count += done.numUpdatedRows;
        }
        return Number(count);
      }),
  };
}

function recordingKeys(state: State): SealedPlace {
  return {
    name: 'recordings',
    context: recordingKeyContext,
    page: async (afterId) => {
      const rows = await state.reader
        .selectFrom('recordings')
        .select(['id', 'sealedKey'])
        .where('id', '>', afterId)
        .where('sealedKey', 'is not', null)
        .orderBy('id')
        .limit(PAGE)
        .execute();
      return rows.map(({ id, sealedKey }) => ({ id, sealed: sealedKey ?? '' }));
    },
    replace: (changes) =>
      state.transact(async (tx) => {
        let count = 0n;
        for (const { id, sealed, resealed } of changes) {
          const done = await tx
            .updateTable('recordings')
            .set({ sealedKey: resealed })
            .where('id', '=', id)
            .where('sealedKey', '=', sealed)
            .executeTakeFirst();
          count += done.numUpdatedRows;
        }
        return Number(count);
      }),
  };
}
