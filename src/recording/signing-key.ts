import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { Secret } from '#lib/secret.ts';
import type { State } from '#state/state.ts';
import { RECORDING_SIGNER_CONTEXT } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import type { HeadSigner } from './format/head-payload.ts';

/** The setting that holds the sealed private key. */
export const SIGNER_SETTING = 'recording.signer';

export interface RecordingSigner extends HeadSigner {
  /** For the recording thread, which signs by itself. */
  readonly privateKey: KeyObject;
}

/** The key of this installation that signs the heads of recordings; made at first use, kept sealed in the state. */
export async function openSigner(state: State, vault: Vault): Promise<RecordingSigner> {
  const sealed = (await storedKey(state)) ?? (await storeNewKey(state, vault));
  const pkcs8 = vault.openBytes(sealed, RECORDING_SIGNER_CONTEXT);
  const privateKey = createPrivateKey({ key: Buffer.from(pkcs8.expose()), format: 'der', type: 'pkcs8' });
  const { x: publicKey = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { publicKey, privateKey, sign: (data) => sign(null, data, privateKey) };
}

async function storedKey(state: State): Promise<string | undefined> {
  const row = await state.reader
    .selectFrom('settings')
    .select('value')
    .where('key', '=', SIGNER_SETTING)
    .executeTakeFirst();
  return row?.value;
}

async function storeNewKey(state: State, vault: Vault): Promise<string> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pkcs8 = new Secret<Uint8Array>(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const value = vault.seal(pkcs8, RECORDING_SIGNER_CONTEXT);
  return state.transact(async (tx) => {
    await tx
      .insertInto('settings')
      .values({ key: SIGNER_SETTING, value })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
    // Another process may have been first; then its key is the one.
    const row = await tx
      .selectFrom('settings')
      .select('value')
      .where('key', '=', SIGNER_SETTING)
      .executeTakeFirstOrThrow();
    return row.value;
  });
}
