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
import { mailLink, retryAt } from './mail-link.ts';
import type { RecoveryOptions } from './recovery-options.ts';
import { findOccasion } from './recovery-address.ts';
import { checkPublicUrl, findLinkRow, revokeLinks } from './recovery-link.ts';
import { firstSteps, OPEN_STATES, readSteps, recoveryView, withStep } from './recovery-steps.ts';

/** What a link tells whoever holds it. */
export interface LinkView {
  readonly username: string;
  readonly language: Language;
  /** Suspended keys of the person, to be confirmed one by one. */
  readonly keys: readonly { readonly id: string; readonly fingerprint: string; readonly comment: string }[];
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
    const { state, mailer, publicUrl, clock } = this.#options;
    if (mailer === null)
      throw new PortcullisError(
        'E_MAIL',
        'No mail server is configured. Set mail.host; then start the recovery again.',
      );
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
      await supersedeOlder(tx, found.id, nowMs);
      const about = { recoveryId: id, userId: found.id, username: found.username, by };
      // A mail that does not arrive must not shut out the last one who could help.
      const killed = await keepAnAdministrator(tx, nowMs, () => killCredentials(tx, emit, about, nowMs));
      const detail = `password removed, ${killed.tokens} tokens, ${killed.webSessions} web sessions, ${killed.keys} keys`;
      await tx
        .insertInto('recoveries')
        .values({
          id,
          userId: found.id,
          offenseId,
          state: 'started',
          steps: JSON.stringify(withStep(firstSteps(), 'kill-credentials', 'done', nowMs, detail)),
          requestedBy: by,
          mailAddress,
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
    await this.#cutSessions(id, user.username, by);
    await mailLink(id, { ...this.#options, mailer });
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
    return { username: user.username, language: user.language === 'zh' ? 'zh' : 'en', keys };
  }

  /** Uses up the link: sets the password, lifts the containment, closes the episode. Throws E_LINK_INVALID. */
  async completeRecovery(link: Secret, choice: RecoveryChoice): Promise<void> {
    await completeRecovery(link, choice, this.#options);
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

  /** Goes on with recoveries that a crash or a mail server interrupted, when their pause is over. */
  async resume(): Promise<void> {
    const { state, mailer, clock } = this.#options;
    if (mailer === null) return;
    const rows = await state.reader
      .selectFrom('recoveries')
      .innerJoin('users', 'users.id', 'recoveries.userId')
      .selectAll('recoveries')
      .select('users.username')
      .where('recoveries.state', '=', 'started')
      .execute();
    for (const row of rows) {
      if (retryAt(row) > clock()) continue;
      const cut = readSteps(row).find((step) => step.name === 'cut-sessions');
      if (cut?.state !== 'done') await this.#cutSessions(row.id, row.username, row.requestedBy);
      await mailLink(row.id, { ...this.#options, mailer });
    }
  }

  async #cutSessions(id: string, username: string, by: string): Promise<void> {
    const { state, control, clock } = this.#options;
    const { cut } = await control.terminate({ username, by, reason: 'recovery' });
    const nowMs = clock();
    await state.transact(async (tx) => {
      const row = await tx
        .selectFrom('recoveries')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow();
      const steps = withStep(
        readSteps(row),
        'cut-sessions',
        'done',
        nowMs,
        `${cut.length} sessions were cut`,
      );
      await tx
        .updateTable('recoveries')
        .set({ steps: JSON.stringify(steps), updatedAt: nowMs })
        .where('id', '=', id)
        .execute();
    });
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

async function supersedeOlder(tx: StateTransaction, userId: string, nowMs: number): Promise<void> {
  const older = await tx
    .selectFrom('recoveries')
    .select('id')
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
}
