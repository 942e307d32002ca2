import { PortcullisError } from '#contract/errors.ts';
import { makeEvent } from '#contract/event.ts';
import { nameKey } from '#contract/names.ts';
import { formatEntity } from '#domain/detection/entity.ts';
import { enrolSecondFactor } from '#identity/enrolment.ts';
import { pageTotpSecret } from '#identity/enrolment-key.ts';
import { derivedId } from '#lib/ids.ts';
import type { Secret } from '#lib/secret.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import { setPasswordHash } from '#state/user-writer.ts';
import { isSecondFactorDemanded } from './link-enrolment.ts';
import { endLocks, endOpenEpisode } from '../locks/end-locks.ts';
import { readLocksInForce } from '../locks/lock-row.ts';
import { findLinkRow, spendLink } from './recovery-link.ts';
import { readSteps, withStep } from './recovery-steps.ts';
import type { RecoveryOptions } from './recovery-options.ts';

/** What the person chose on the page behind the link. */
export interface RecoveryChoice {
  readonly password: Secret;
  /** Where they sat. */
  readonly address: string;
  /** Ids of the keys they confirmed as theirs, one by one; the others stay suspended. */
  readonly keepKeys?: readonly string[];
  /** What the authenticator shows that they set up; null when they set up none. */
  readonly code: Secret | null;
}

const MIN_PASSWORD_LENGTH = 12;
const MAX_PASSWORD_LENGTH = 1024;

export async function completeRecovery(
  link: Secret,
  choice: RecoveryChoice,
  options: Omit<RecoveryOptions, 'mailer'>,
): Promise<readonly Secret[]> {
  const { state, clock } = options;
  if ((await findLinkRow(state.reader, link, clock())) === undefined) throw linkInvalid();
  checkPassword(choice.password);
  // The hash is slow on purpose; it is made before the transaction, which checks the link again.
  const passwordHash = await options.hashPassword(choice.password);
  const totpSecret = await pageTotpSecret(state, options.vault, link);
  const codes = await state.transact((tx, emit) =>
    complete(tx, emit, { link, choice, passwordHash, totpSecret }, options),
  );
  await options.locks.tell('system');
  return codes;
}

async function complete(
  tx: StateTransaction,
  emit: EmitEvent,
  given: {
    readonly link: Secret;
    readonly choice: RecoveryChoice;
    readonly passwordHash: string;
    readonly totpSecret: Secret<Uint8Array>;
  },
  { clock, stream, vault }: Pick<RecoveryOptions, 'clock' | 'stream' | 'vault'>,
): Promise<readonly Secret[]> {
  const nowMs = clock();
  const link = await findLinkRow(tx, given.link, nowMs);
  if (link === undefined || !(await spendLink(tx, link.id, nowMs))) throw linkInvalid();
  const recovery = await tx
    .selectFrom('recoveries')
    .innerJoin('users', 'users.id', 'recoveries.userId')
    .selectAll('recoveries')
    .select('users.username')
    .where('recoveries.id', '=', link.recoveryId)
    .executeTakeFirst();
  if (recovery === undefined) throw linkInvalid();
  const { username, userId } = recovery;
  await setPasswordHash(tx, userId, given.passwordHash, nowMs);
  const codes = await enrol(tx, emit, given, { recoveryId: recovery.id, userId, username }, vault, nowMs);
  const keys = await confirmKeys(tx, userId, given.choice.keepKeys ?? []);
  const locks = await liftContainment(tx, emit, username, stream, nowMs);
  let steps = withStep(readSteps(recovery), 'set-password', 'done', nowMs, `${keys} keys were confirmed`);
  steps = withStep(steps, 'enrol-second-factor', codes.length > 0 ? 'done' : 'skipped', nowMs);
  steps = withStep(steps, 'lift-locks', 'done', nowMs, `${locks} locks were lifted`);
  await tx
    .updateTable('recoveries')
    .set({ state: 'completed', steps: JSON.stringify(steps), updatedAt: nowMs, completedAt: nowMs })
    .where('id', '=', recovery.id)
    .execute();
  const about = {
    user: username,
    actor: username,
    address: given.choice.address,
    ...(recovery.offenseId === null ? {} : { offense: recovery.offenseId }),
  };
  emit(
    makeEvent('user.password_changed', derivedId('password-recovered', recovery.id), nowMs, {
      ...about,
      message: `${username} set a new password through a recovery link.`,
      data: { recovery: recovery.id, keysConfirmed: keys },
    }),
  );
  emit(
    makeEvent('recovery.completed', derivedId('recovery.completed', recovery.id), nowMs, {
      ...about,
      message: `${username} recovered access; ${locks} locks were lifted.`,
      data: { recovery: recovery.id, locksLifted: locks },
    }),
  );
  return codes;
}

/** Gives the recovery codes; none when no authenticator was set up. Throws E_INPUT, and nothing was changed. */
async function enrol(
  tx: StateTransaction,
  emit: EmitEvent,
  { choice, totpSecret }: { readonly choice: RecoveryChoice; readonly totpSecret: Secret<Uint8Array> },
  about: { readonly recoveryId: string; readonly userId: string; readonly username: string },
  vault: RecoveryOptions['vault'],
  nowMs: number,
): Promise<readonly Secret[]> {
  const { code, address } = choice;
  const { recoveryId, userId, username } = about;
  if (code === null) {
    if (!(await isSecondFactorDemanded(tx, recoveryId, userId))) return [];
    throw codeProblem('is missing: a second factor is demanded');
  }
  const codes = await enrolSecondFactor(
    tx,
    emit,
    vault,
    { userId, username, by: username, address, secret: totpSecret, code },
    nowMs,
  );
  if (codes === undefined) throw codeProblem('is not what the authenticator shows now');
  return codes;
}

function codeProblem(message: string): PortcullisError {
  return new PortcullisError('E_INPUT', 'The code does not fit.', { problems: [{ path: 'code', message }] });
}

async function confirmKeys(tx: StateTransaction, userId: string, keyIds: readonly string[]): Promise<number> {
  if (keyIds.length === 0) return 0;
  const confirmed = await tx
    .updateTable('user_keys')
    .set({ suspended: 0 })
    .where('userId', '=', userId)
    .where('id', 'in', [...keyIds])
    .executeTakeFirst();
  return Number(confirmed.numUpdatedRows);
}

/** Ends the locks that offenses had brought about, and every open episode about the person. */
async function liftContainment(
  tx: StateTransaction,
  emit: EmitEvent,
  username: string,
  stream: RecoveryOptions['stream'],
  nowMs: number,
): Promise<number> {
  const locks = (await readLocksInForce(tx, nowMs)).filter(
    (lock) => lock.targetKind === 'user' && lock.targetKey === nameKey(username) && lock.offenseId !== null,
  );
  await endLocks(tx, emit, stream, locks, {
    by: username,
    reason: 'the person recovered',
    episodeReason: 'recovered',
    nowMs,
  });
  const open = await tx
    .selectFrom('offenses')
    .select(['id', 'episode'])
    .where('entity', '=', formatEntity({ kind: 'user', realm: 'gateway', username }))
    .where('status', '=', 'open')
    .execute();
  for (const offense of open)
    await endOpenEpisode(
      tx,
      emit,
      stream,
      { offenseId: offense.id, episode: offense.episode },
      { reason: 'recovered', by: username, nowMs, text: 'the person recovered with new credentials' },
    );
  return locks.length;
}

function checkPassword(password: Secret): void {
  const { length } = password.expose();
  if (length >= MIN_PASSWORD_LENGTH && length <= MAX_PASSWORD_LENGTH) return;
  throw new PortcullisError('E_INPUT', 'The password does not fit.', {
    problems: [
      {
        path: 'password',
        message: `must have ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`,
      },
    ],
  });
}

function linkInvalid(): PortcullisError {
  return new PortcullisError('E_LINK_INVALID', 'This link is not valid (any more). Ask for a new one.');
}
