import { PortcullisError } from '#contract/errors.ts';
import { makeEvent } from '#contract/event.ts';
import { nameKey } from '#contract/names.ts';
import type { Recovery } from '#contract/resources/recovery.ts';
import type { Language } from '#contract/resources/user.ts';
import { derivedId, newId } from '#lib/ids.ts';
import type { Secret } from '#lib/secret.ts';
import { keepAnAdministrator } from '#state/administrator-guard.ts';
import type { RecoveryRow, UserRow } from '#state/schema.ts';
import type { StateReader, StateTransaction } from '#state/state.ts';
import { completeRecovery, type RecoveryChoice } from './complete-recovery.ts';
import { killCredentials } from './kill-credentials.ts';
import { goOn } from './go-on.ts';
import type { RecoveryOptions } from './recovery-options.ts';
import { findOccasion } from './recovery-address.ts';
import { findLinkEnrolment, type LinkEnrolment } from './link-enrolment.ts';
import { checkPublicUrl, findLinkRow, revokeLinks } from './recovery-link.ts';
import { firstSteps, OPEN_STATES, readSteps, recoveryView, withStep } from './recovery-steps.ts';

/** What a link tells whoever holds it. */
export interface LinkView {
  readonly username: string;
  readonly language: Language;
  /** Suspended keys of the person, to be confirmed one by one. */
  readonly keys: readonly { readonly id: string; readonly fingerprint: string; readonly comment: string }[];
  readonly secondFactor: LinkEnrolment;
}

/**
 * The way back: the old credentials die first, then a one-time link goes to the person, and only the new
 * password behind it lifts the containment. Every step is stored, so a restart goes on where it was.
 */
export class RecoveryService {
  readonly #options: RecoveryOptions;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  /**
   * Kills the credentials, cuts the sessions, mails the link. When the mail server does not take the mail now,
   * the recovery stays `started`, says why, and is tried again. Throws E_NOT_FOUND, E_NO_ADDRESS, E_MAIL,
   * E_CONFIG, E_LAST_ADMIN before anything was changed.
   */
  async start(username: string, by: string): Promise<Recovery> {
    const { state, mailer, publicUrl, secondPerson, clock } = this.#options;
    if (mailer === null) throw noMailServer();
    checkPublicUrl(publicUrl);
    const id = newId(clock());
    const user = await state.transact(async (tx, emit) => {
      const nowMs = clock();
      const found = await findPerson(tx, username);
      const { offenseId, mailAddress } = await findOccasion(tx, found);
      if (mailAddress === null)
        throw new PortcullisError(
          'E_NO_ADDRESS',
          `${found.username} has no mail address (or had none when the offense began). Set a password by hand, or close the offense first.`,
        );
      await this.#refuseTooMany(tx, { userId: found.id, mailAddress }, nowMs);
      const older = await supersedeOlder(tx, found.id, nowMs);
      const about = { recoveryId: id, userId: found.id, username: found.username, by };
      // A mail that does not arrive must not shut out the last one who could help.
      const killed = await keepAnAdministrator(tx, nowMs, () => killCredentials(tx, emit, about, nowMs));
      const detail = `password removed, ${killed.tokens} tokens, ${killed.webSessions} web sessions, ${killed.keys} keys${killed.secondFactor ? ', second factor' : ''}`;
      await tx
        .insertInto('recoveries')
        .values({
          id,
          userId: found.id,
          offenseId,
          state: 'started',
          steps: JSON.stringify(
            withStep(firstSteps(secondPerson), 'kill-credentials', 'done', nowMs, detail),
          ),
          requestedBy: by,
          mailAddress,
          hadSecondFactor: killed.secondFactor || older.some((one) => one.hadSecondFactor !== 0) ? 1 : 0,
          needsApproval: secondPerson ? 1 : 0,
          approvedBy: null,
          createdAt: nowMs,
          updatedAt: nowMs,
          completedAt: null,
        })
        .execute();
      emit(
        makeEvent('recovery.started', derivedId('recovery.started', id), nowMs, {
          user: found.username,
          actor: by,
          ...(offenseId === null ? {} : { offense: offenseId }),
          message: `Recovery of ${found.username} began: ${detail}.`,
          data: { recovery: id },
        }),
      );
      return found;
    });
    await goOn({ id, username: user.username, requestedBy: by }, this.#options);
    return this.#view(id, user.username);
  }

  /** The newest recovery of the user. */
  async latest(username: string): Promise<Recovery | undefined> {
    const row = await this.#options.state.reader
      .selectFrom('recoveries')
      .innerJoin('users', 'users.id', 'recoveries.userId')
      .selectAll('recoveries')
      .select('users.username')
      .where('users.usernameKey', '=', nameKey(username))
      .orderBy('recoveries.createdAt', 'desc')
      .orderBy('recoveries.id', 'desc')
      .executeTakeFirst();
    return row === undefined ? undefined : recoveryView(row, row.username);
  }

  /** Whom a link is for. Undefined when it is unknown, used, revoked or expired; looking changes nothing. */
  async findLink(link: Secret): Promise<LinkView | undefined> {
    const { state, clock } = this.#options;
    const row = await findLinkRow(state.reader, link, clock());
    if (row === undefined) return undefined;
    const user = await readRecoveringUser(state.reader, row.recoveryId);
    if (user === undefined) return undefined;
    const keys = await state.reader
      .selectFrom('user_keys')
      .select(['id', 'fingerprint', 'comment'])
      .where('userId', '=', user.id)
      .where('suspended', '=', 1)
      .orderBy('createdAt')
      .execute();
    const secondFactor = await findLinkEnrolment(state.reader, link, row.recoveryId, user, this.#options);
    return { username: user.username, language: user.language === 'zh' ? 'zh' : 'en', keys, secondFactor };
  }

  /**
   * Uses up the link: sets the password, enrols the authenticator, lifts the containment, closes the episode. Gives
   * the recovery codes, if there are any. Throws E_LINK_INVALID, and E_INPUT for a code that is wrong or missing.
   */
  completeRecovery(link: Secret, choice: RecoveryChoice): Promise<readonly Secret[]> {
    return completeRecovery(link, choice, this.#options);
  }

  /** Ends a recovery before the person came back; the credentials stay dead. False when it is over already. */
  async cancel(recoveryId: string, by: string): Promise<boolean> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    return state.transact(async (tx, emit) => {
      const done = await tx
        .updateTable('recoveries')
        .set({ state: 'cancelled', updatedAt: nowMs })
        .where('id', '=', recoveryId)
        .where('state', 'in', [...OPEN_STATES])
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) return false;
      await revokeLinks(tx, recoveryId, nowMs);
      const user = await readRecoveringUser(tx, recoveryId);
      emit(
        makeEvent('recovery.cancelled', derivedId('recovery.cancelled', recoveryId), nowMs, {
          actor: by,
          ...(user === undefined ? {} : { user: user.username }),
          data: { recovery: recoveryId },
        }),
      );
      return true;
    });
  }

  /**
   * Mails a fresh link, and the earlier one dies: when a mail got lost, or to try again at once. Undefined when
   * there is nothing to go on with.
   */
  async resume(username: string): Promise<Recovery | undefined> {
    const { state, mailer, publicUrl, clock } = this.#options;
    if (mailer === null) throw noMailServer();
    checkPublicUrl(publicUrl);
    const nowMs = clock();
    const row = await state.transact(async (tx) => {
      const found = await openRecovery(tx, username);
      if (found === undefined) return undefined;
      if (found.state === 'link_mailed' && nowMs - found.updatedAt < MAIL_AGAIN_MS)
        throw new PortcullisError(
          'E_RATE_LIMITED',
          `A link was mailed to ${found.mailAddress} less than five minutes ago. Look there first, also among the junk.`,
        );
      // Tried as if for the first time, also when a crash comes first.
      const steps = withStep(readSteps(found), 'mail-link', 'pending', null);
      await tx
        .updateTable('recoveries')
        .set({ state: 'started', steps: JSON.stringify(steps), updatedAt: nowMs })
        .where('id', '=', found.id)
        .execute();
      return found;
    });
    if (row === undefined) return undefined;
    await goOn(row, this.#options);
    return this.#view(row.id, row.username);
  }

  /** A second person lets the link be mailed. Throws E_CONFLICT when it is the first one or nothing waits. */
  async approve(username: string, by: string): Promise<Recovery> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    const row = await state.transact(async (tx, emit) => {
      const found = await openRecovery(tx, username);
      if (found === undefined || found.needsApproval === 0 || found.approvedBy !== null)
        throw new PortcullisError('E_CONFLICT', `No recovery of ${username} waits for a second person.`);
      if (nameKey(by) === nameKey(found.requestedBy) || nameKey(by) === nameKey(found.username))
        throw new PortcullisError(
          'E_CONFLICT',
          `${by} cannot approve this recovery: somebody must who neither began it nor is recovered.`,
        );
      const steps = withStep(readSteps(found), 'approve', 'done', nowMs, `by ${by}`);
      await tx
        .updateTable('recoveries')
        .set({ approvedBy: by, steps: JSON.stringify(steps), updatedAt: nowMs })
        .where('id', '=', found.id)
        .execute();
      emit(
        makeEvent('recovery.approved', derivedId('recovery.approved', found.id), nowMs, {
          user: found.username,
          actor: by,
          ...(found.offenseId === null ? {} : { offense: found.offenseId }),
          message: `${by} approved the recovery of ${found.username}, which ${found.requestedBy} had begun.`,
          data: { recovery: found.id },
        }),
      );
      return found;
    });
    await goOn(row, this.#options);
    return this.#view(row.id, row.username);
  }

  /** Each recovery is a mail: nobody's mailbox is flooded, and credentials are not killed again and again. */
  async #refuseTooMany(
    db: StateReader,
    about: { readonly userId: string; readonly mailAddress: string },
    nowMs: number,
  ): Promise<void> {
    const begun = await db
      .selectFrom('recoveries')
      .select('id')
      .where('createdAt', '>', nowMs - HOUR_MS)
      .where((eb) => eb.or([eb('userId', '=', about.userId), eb('mailAddress', '=', about.mailAddress)]))
      .execute();
    if (begun.length < this.#options.mailsPerHour) return;
    throw new PortcullisError(
      'E_RATE_LIMITED',
      `${begun.length} recoveries with mails to ${about.mailAddress} began within the hour. Look there, also among the junk, or wait; \`portcullis recover --resume\` sends the last link anew.`,
    );
  }

  async #view(id: string, username: string): Promise<Recovery> {
    const row: RecoveryRow = await this.#options.state.reader
      .selectFrom('recoveries')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    return recoveryView(row, username);
  }
}

const HOUR_MS = 3_600_000;
/** Mails take their time; a second one that kills the link of the first helps nobody. */
const MAIL_AGAIN_MS = 5 * 60_000;

function noMailServer(): PortcullisError {
  return new PortcullisError(
    'E_MAIL',
    'No mail server is configured. Set mail.host and start again; then try once more.',
  );
}

async function openRecovery(
  tx: StateTransaction,
  username: string,
): Promise<(RecoveryRow & { readonly username: string }) | undefined> {
  return tx
    .selectFrom('recoveries')
    .innerJoin('users', 'users.id', 'recoveries.userId')
    .selectAll('recoveries')
    .select('users.username')
    .where('users.usernameKey', '=', nameKey(username))
    .where('recoveries.state', 'in', [...OPEN_STATES])
    .orderBy('recoveries.createdAt', 'desc')
    .executeTakeFirst();
}

export function createRecovery(options: RecoveryOptions): RecoveryService {
  return new RecoveryService(options);
}

async function findPerson(tx: StateTransaction, username: string): Promise<UserRow> {
  const user = await tx
    .selectFrom('users')
    .selectAll()
    .where('usernameKey', '=', nameKey(username))
    .executeTakeFirst();
  if (user === undefined) throw new PortcullisError('E_NOT_FOUND', `There is no user ${username}.`);
  if (user.kind === 'service')
    throw new PortcullisError(
      'E_INPUT',
      `${user.username} is a service user and has no password to recover. Revoke its token and create a new one.`,
    );
  return user;
}

async function readRecoveringUser(db: StateReader, recoveryId: string): Promise<UserRow | undefined> {
  return db
    .selectFrom('users')
    .innerJoin('recoveries', 'recoveries.userId', 'users.id')
    .selectAll('users')
    .where('recoveries.id', '=', recoveryId)
    .executeTakeFirst();
}

/** Gives those that a new one takes the place of. */
async function supersedeOlder(
  tx: StateTransaction,
  userId: string,
  nowMs: number,
): Promise<readonly Pick<RecoveryRow, 'id' | 'hadSecondFactor'>[]> {
  const older = await tx
    .selectFrom('recoveries')
    .select(['id', 'hadSecondFactor'])
    .where('userId', '=', userId)
    .where('state', 'in', [...OPEN_STATES])
    .execute();
  for (const { id } of older) {
    await revokeLinks(tx, id, nowMs);
    await tx
      .updateTable('recoveries')
      .set({ state: 'superseded', updatedAt: nowMs })
      .where('id', '=', id)
      .execute();
  }
  return older;
}
