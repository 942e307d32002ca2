import { randomBytes } from 'node:crypto';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import { Secret } from '#lib/secret.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import { secondFactorContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import { issueRecoveryCodes } from './recovery-codes.ts';
import { matchingStep, TOTP_SECRET_BYTES } from './totp.ts';

/** What authenticators show above the code. */
export const ISSUER = 'Portcullis';

export interface Enrolment {
  readonly userId: string;
  readonly username: string;
  /** Who does it: the person, or whoever acts for them. */
  readonly by: string;
  readonly address: string | null;
  readonly secret: Secret<Uint8Array>;
  /** The code that the authenticator shows: the proof that it has the secret. */
  readonly code: Secret;
}

export function newTotpSecret(): Secret<Uint8Array> {
  return new Secret<Uint8Array>(randomBytes(TOTP_SECRET_BYTES));
}

/**
 * Makes the authenticator the second factor of the user, in place of an earlier one, and its code used up.
 * Returns fresh recovery codes, to be shown once; undefined when the code is wrong.
 */
export async function enrolSecondFactor(
  tx: StateTransaction,
  emit: EmitEvent,
  vault: Pick<Vault, 'seal'>,
  { userId, username, by, address, secret, code }: Enrolment,
  nowMs: number,
): Promise<readonly Secret[] | undefined> {
  const step = matchingStep(secret, code.expose().replaceAll(/\s/g, ''), nowMs, 0);
  if (step === undefined) return undefined;
  const row = { sealed: vault.seal(secret, secondFactorContext(userId)), lastStep: step, enrolledAt: nowMs };
  await tx
    .insertInto('second_factors')
    .values({ userId, ...row })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet(row))
    .execute();
  const codes = await replaceRecoveryCodes(tx, userId, nowMs);
  emit(
    makeEvent('user.second_factor_enrolled', newId(nowMs), nowMs, {
      user: username,
      actor: by,
      ...(address === null ? {} : { address }),
      message: `${username} set up an authenticator as second factor.`,
    }),
  );
  return codes;
}

/** Replaces the recovery codes of somebody who has an authenticator; undefined when they have none. */
export async function renewRecoveryCodes(
  tx: StateTransaction,
  emit: EmitEvent,
  about: { readonly userId: string; readonly username: string; readonly address: string },
  nowMs: number,
): Promise<readonly Secret[] | undefined> {
  const { userId, username, address } = about;
  const row = await tx
    .selectFrom('second_factors')
    .select('userId')
    .where('userId', '=', userId)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  emit(
    makeEvent('user.recovery_codes_renewed', newId(nowMs), nowMs, {
      user: username,
      actor: username,
      address,
      message: `${username} replaced their recovery codes.`,
    }),
  );
  return replaceRecoveryCodes(tx, userId, nowMs);
}

async function replaceRecoveryCodes(
  tx: StateTransaction,
  userId: string,
  nowMs: number,
): Promise<readonly Secret[]> {
  await tx.deleteFrom('recovery_codes').where('userId', '=', userId).execute();
  const codes = issueRecoveryCodes();
  await tx
    .insertInto('recovery_codes')
    .values(codes.map(({ hash }) => ({ userId, hash, createdAt: nowMs, usedAt: null })))
    .execute();
  return codes.map((one) => one.code);
}

/** Removes authenticator and recovery codes. Returns false when there was none. */
export async function removeSecondFactor(
  tx: StateTransaction,
  emit: EmitEvent,
  about: {
    readonly userId: string;
    readonly username: string;
    readonly by: string;
    /** From where, as far as that is known. */
    readonly address?: string;
  },
  nowMs: number,
): Promise<boolean> {
  await tx.deleteFrom('recovery_codes').where('userId', '=', about.userId).execute();
  const removed = await tx.deleteFrom('second_factors').where('userId', '=', about.userId).executeTakeFirst();
  if (removed.numDeletedRows === 0n) return false;
  emit(
    makeEvent('user.second_factor_removed', newId(nowMs), nowMs, {
      user: about.username,
      actor: about.by,
      ...(about.address === undefined ? {} : { address: about.address }),
      message: `The second factor of ${about.username} was removed by ${about.by}.`,
    }),
  );
  return true;
}
