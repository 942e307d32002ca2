import { hkdfSync, randomBytes } from 'node:crypto';
import { Secret } from '#lib/secret.ts';
import type { State } from '#state/state.ts';
import { ENROLMENT_KEY_CONTEXT, ENROLMENT_KEY_SETTING } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import { TOTP_SECRET_BYTES } from './totp.ts';

const KEY_BYTES = 32;

/**
 * The secret that an enrolment page shows, the same whenever the page is opened, so that opening it stores
 * nothing. It follows from what only the holder of the page has and from a key of ours (HKDF, RFC 5869): who finds
 * the link later cannot work it out.
 */
export async function pageTotpSecret(
  state: State,
  vault: Pick<Vault, 'seal' | 'openBytes'>,
  page: Secret,
): Promise<Secret<Uint8Array>> {
  const key = await enrolmentKey(state, vault);
  const bytes = hkdfSync('sha256', key.expose(), page.expose(), 'totp', TOTP_SECRET_BYTES);
  return new Secret<Uint8Array>(new Uint8Array(bytes));
}

/** Made once, kept sealed. */
async function enrolmentKey(
  state: State,
  vault: Pick<Vault, 'seal' | 'openBytes'>,
): Promise<Secret<Uint8Array>> {
  const stored = await readKey(state);
  if (stored !== undefined) return vault.openBytes(stored, ENROLMENT_KEY_CONTEXT);
  const fresh = new Secret<Uint8Array>(randomBytes(KEY_BYTES));
  const value = vault.seal(fresh, ENROLMENT_KEY_CONTEXT);
  await state.transact(async (tx) => {
    await tx
      .insertInto('settings')
      .values({ key: ENROLMENT_KEY_SETTING, value })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  });
  // Somebody else may have been faster.
  return vault.openBytes((await readKey(state)) ?? value, ENROLMENT_KEY_CONTEXT);
}

async function readKey({ reader }: State): Promise<string | undefined> {
  const row = await reader
    .selectFrom('settings')
    .select('value')
    .where('key', '=', ENROLMENT_KEY_SETTING)
    .executeTakeFirst();
  return row?.value;
}
