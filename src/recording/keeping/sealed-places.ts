import type { UpdateResult } from 'kysely';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { State, StateTransaction } from '#state/state.ts';
import {
  accessKeyContext,
  accountContext,
  ENROLMENT_KEY_CONTEXT,
  ENROLMENT_KEY_SETTING,
  recordingKeyContext,
  RECORDING_SIGNER_CONTEXT,
  secondFactorContext,
} from '#vault/contexts.ts';
import type { KeyedVault } from '#vault/open-vault.ts';
import { rekeyPlaces, type RekeyReport, type SealedChange, type SealedPlace } from '#vault/rekey.ts';
import { SIGNER_SETTING } from '../signing-key.ts';

/**
 * Where the state keeps sealed texts. Here, because this room may see both the vault and the state, and the
 * vault knows no database.
 */
export function sealedPlaces(state: State): readonly SealedPlace[] {
  return [
    sealedRows(state, 'accounts', { name: 'accounts', context: accountContext }),
    secondFactors(state),
    sealedRows(state, 'tokens', { name: 'access keys', context: accessKeyContext }),
    recordings(state),
    ownKeys(state),
  ];
}

/** True when anything is sealed: then a missing master key must not be replaced by a new one. */
export async function hasSealedSecrets(state: State): Promise<boolean> {
  for (const place of sealedPlaces(state)) {
    if ((await place.page('')).length > 0) return true;
  }
  return false;
}

export interface RekeyOptions {
  readonly clock: Clock;
  readonly actor: string;
}

/**
 * Seals every secret in the state under the current master key and reports it. Call `addKey` before, to have
 * a new one, and `retireKeys(new Set(report.keysInUse))` after, to forget the old ones.
 */
export async function rekeyAll(state: State, vault: KeyedVault, options: RekeyOptions): Promise<RekeyReport> {
  const report = await rekeyPlaces(vault, sealedPlaces(state));
  const now = options.clock();
  await state.transact(async (_tx, emit) => {
    emit(
      makeEvent('vault.rekeyed', newId(now), now, {
        actor: options.actor,
        data: { key: vault.currentKeyId, ...report.resealed },
      }),
    );
  });
  return report;
}

const PAGE_ROWS = 200;

/** A table in which some rows hold a sealed text. */
function sealedRows(
  state: State,
  table: 'accounts' | 'tokens',
  about: Pick<SealedPlace, 'name' | 'context'>,
): SealedPlace {
  return {
    ...about,
    page: async (afterId) => {
      const rows = await state.reader
        .selectFrom(table)
        .select(['id', 'sealed'])
        .where('sealed', 'is not', null)
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(PAGE_ROWS)
        .execute();
      return rows.flatMap(({ id, sealed }) => (sealed === null ? [] : [{ id, sealed }]));
    },
    replace: (changes) =>
      replaceEach(state, changes, (tx, { id, sealed, resealed }) =>
        tx
          .updateTable(table)
          .set({ sealed: resealed })
          .where('id', '=', id)
          .where('sealed', '=', sealed)
          .executeTakeFirst(),
      ),
  };
}

function secondFactors(state: State): SealedPlace {
  return {
    name: 'second factors',
    context: secondFactorContext,
    page: (afterId) =>
      state.reader
        .selectFrom('second_factors')
        .select(['userId as id', 'sealed'])
        .where('userId', '>', afterId)
        .orderBy('userId')
        .limit(PAGE_ROWS)
        .execute(),
    replace: (changes) =>
      replaceEach(state, changes, (tx, { id, sealed, resealed }) =>
        tx
          .updateTable('second_factors')
          .set({ sealed: resealed })
          .where('userId', '=', id)
          .where('sealed', '=', sealed)
          .executeTakeFirst(),
      ),
  };
}

function recordings(state: State): SealedPlace {
  return {
    name: 'recordings',
    context: recordingKeyContext,
    page: async (afterId) => {
      const rows = await state.reader
        .selectFrom('recordings')
        .select(['id', 'sealedKey'])
        .where('sealedKey', 'is not', null)
        .where('id', '>', afterId)
        .orderBy('id')
        .limit(PAGE_ROWS)
        .execute();
      return rows.flatMap(({ id, sealedKey }) => (sealedKey === null ? [] : [{ id, sealed: sealedKey }]));
    },
    replace: (changes) =>
      replaceEach(state, changes, (tx, { id, sealed, resealed }) =>
        tx
          .updateTable('recordings')
          .set({ sealedKey: resealed })
          .where('id', '=', id)
          .where('sealedKey', '=', sealed)
          .executeTakeFirst(),
      ),
  };
}

/** Keys that the server made for itself. */
const OWN_KEYS: ReadonlyMap<string, string> = new Map([
  [SIGNER_SETTING, RECORDING_SIGNER_CONTEXT],
  [ENROLMENT_KEY_SETTING, ENROLMENT_KEY_CONTEXT],
]);

function ownKeys(state: State): SealedPlace {
  return {
    name: 'settings',
    context: (key) => OWN_KEYS.get(key) ?? '',
    page: async (afterId) => {
      const rows = await state.reader
        .selectFrom('settings')
        .select(['key', 'value'])
        .where('key', 'in', [...OWN_KEYS.keys()])
        .where('key', '>', afterId)
        .orderBy('key')
        .execute();
      return rows.map(({ key, value }) => ({ id: key, sealed: value }));
    },
    replace: (changes) =>
      replaceEach(state, changes, (tx, { id, sealed, resealed }) =>
        tx
          .updateTable('settings')
          .set({ value: resealed })
          .where('key', '=', id)
          .where('value', '=', sealed)
          .executeTakeFirst(),
      ),
  };
}

function replaceEach(
  state: State,
  changes: readonly SealedChange[],
  replaceOne: (tx: StateTransaction, change: SealedChange) => Promise<UpdateResult>,
): Promise<number> {
  return state.transact(async (tx) => {
    let count = 0n;
    for (const change of changes) count += (await replaceOne(tx, change)).numUpdatedRows;
    return Number(count);
  });
}
