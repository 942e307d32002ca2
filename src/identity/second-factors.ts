import { createHmac, randomBytes } from 'node:crypto';
import { makeEvent } from '#contract/event.ts';
import { newId } from '#lib/ids.ts';
import type { Secret } from '#lib/secret.ts';
import { monotonicClock, type Clock, type MonotonicClock } from '#lib/time.ts';
import type { State, StateReader } from '#state/state.ts';
import type { KnownUser } from '#state/user-reader.ts';
import { secondFactorContext } from '#vault/contexts.ts';
import type { Vault } from '#vault/vault.ts';
import { BackOff } from './back-off.ts';
import { recoveryCodeHash } from './recovery-codes.ts';
import { matchingStep } from './totp.ts';

/** What became of a code. `paused`: too many were wrong, so nobody looked at this one. */
export type CodeOutcome = 'right' | 'wrong' | 'paused';

/** Codes of authenticators (RFC 6238), and the recovery codes in their place. */
export interface SecondFactors {
  /**
   * Whether a code is asked of whoever types this name. The same answer every time, and for a name that nobody
   * has as often as for one that somebody has: it does not say who exists.
   */
  isAskedOf(nameKey: string, user: KnownUser | undefined): Promise<boolean>;
  /** Uses the code up when it is right. To be asked only when the first factor was right. */
  check(user: Pick<KnownUser, 'id' | 'username'>, code: Secret): Promise<CodeOutcome>;
  /** Forgets wrong codes, so that the next is looked at at once. */
  forgive(userId: string): void;
}

export interface SecondFactorsOptions {
  readonly state: State;
  readonly vault: Pick<Vault, 'openBytes'>;
  readonly clock: Clock;
  readonly monotonicClock?: MonotonicClock;
}

/** Only who has the first factor gets here, so the last administrator is paused like everybody. */
const PAUSES = {
  freeTries: 5,
  firstPauseMs: 30_000,
  longestPauseMs: 15 * 60_000,
  forgetAfterMs: 60 * 60_000,
};
const COUNTED_USERS = 50_000;
const BLINDING_SETTING = 'second-factor-blinding';

export function createSecondFactors(options: SecondFactorsOptions): SecondFactors {
  const { state, clock } = options;
  const monotonic = options.monotonicClock ?? monotonicClock;
  const pauses = new BackOff(PAUSES, COUNTED_USERS);
  let blinding: Promise<Buffer> | undefined;

  return {
    async isAskedOf(nameKey, user) {
      blinding ??= blindingKey(state);
      const [key, share] = await Promise.all([blinding, enrolledShare(state.reader)]);
      if (user !== undefined) return user.secondFactor.isEnrolled;
      const digest = createHmac('sha256', key).update(nameKey).digest();
      return digest.readUInt32BE(0) / 2 ** 32 < share;
    },
    async check(user, code) {
      const nowMs = monotonic();
      if (pauses.waitMs(user.id, nowMs) > 0) return 'paused';
      pauses.charge(user.id, nowMs);
      if (!(await useUp(options, user, code, clock()))) return 'wrong';
      pauses.clear(user.id);
      return 'right';
    },
    forgive: (userId) => pauses.clear(userId),
  };
}

async function useUp(
  { state, vault }: SecondFactorsOptions,
  user: Pick<KnownUser, 'id' | 'username'>,
  code: Secret,
  nowMs: number,
): Promise<boolean> {
  const row = await state.reader
    .selectFrom('second_factors')
    .select(['sealed', 'lastStep'])
    .where('userId', '=', user.id)
    .executeTakeFirst();
  if (row === undefined) return false;
  const typed = code.expose().trim().slice(0, 64);
  const secret = vault.openBytes(row.sealed, secondFactorContext(user.id));
  const step = matchingStep(secret, typed.replaceAll(' ', ''), nowMs, row.lastStep);
  const hash = recoveryCodeHash(typed);
  if (step !== undefined) {
    return state.transact(async (tx) => {
      const used = await tx
        .updateTable('second_factors')
        .set({ lastStep: step })
        .where('userId', '=', user.id)
        .where('sealed', '=', row.sealed)
        .where('lastStep', '<', step)
        .executeTakeFirst();
      return used.numUpdatedRows === 1n;
    });
  }
  if (hash === undefined) return false;
  return state.transact(async (tx, emit) => {
    const used = await tx
      .updateTable('recovery_codes')
      .set({ usedAt: nowMs })
      .where('userId', '=', user.id)
      .where('hash', '=', hash)
      .where('usedAt', 'is', null)
      .executeTakeFirst();
    if (used.numUpdatedRows === 0n) return false;
    const left = await tx
      .selectFrom('recovery_codes')
      .select((eb) => eb.fn.countAll().as('count'))
      .where('userId', '=', user.id)
      .where('usedAt', 'is', null)
      .executeTakeFirstOrThrow();
    emit(
      makeEvent('user.recovery_code_used', newId(nowMs), nowMs, {
        user: user.username,
        actor: user.username,
        message: `${user.username} used a recovery code; ${Number(left.count)} are left.`,
        data: { left: Number(left.count) },
      }),
    );
    return true;
  });
}

/** Made once and kept: an answer that changed with each restart would tell which names are made up. */
async function blindingKey(state: State): Promise<Buffer> {
  const fresh = randomBytes(32).toString('hex');
  const value = await state.transact(async (tx) => {
    await tx
      .insertInto('settings')
      .values({ key: BLINDING_SETTING, value: fresh })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
    return (
      await tx
        .selectFrom('settings')
        .select('value')
        .where('key', '=', BLINDING_SETTING)
        .executeTakeFirstOrThrow()
    ).value;
  });
  return Buffer.from(value, 'hex');
}

/** Of all persons, how many have an authenticator: 0 to 1. */
async function enrolledShare(db: StateReader): Promise<number> {
  const counts = await db
    .selectFrom('users')
    .leftJoin('second_factors', 'second_factors.userId', 'users.id')
    .select((eb) => [eb.fn.countAll().as('persons'), eb.fn.count('second_factors.userId').as('enrolled')])
    .where('users.kind', '=', 'person')
    .executeTakeFirstOrThrow();
  const persons = Number(counts.persons);
  return persons === 0 ? 0 : Number(counts.enrolled) / persons;
}
