import { makeEvent } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { RecoveryRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import { MailError } from '../mail/mail-error.ts';
import type { Mailer } from '../mail/mailer.ts';
import { recoveryMail } from '../mail/recovery-mail.ts';
import { recoveryUrl, replaceLink } from './recovery-link.ts';
import { readSteps, withStep } from './recovery-steps.ts';

const RETRY_MS = 30_000;
/** Longer than a mail can take: whoever began is either done by then or gone. */
const ABANDONED_MS = 120_000;

export interface MailLinkOptions {
  readonly state: State;
  readonly mailer: Mailer;
  readonly publicUrl: string | null;
  readonly linkLifetimeMs: number;
  readonly clock: Clock;
}

/** When a link that was not mailed is tried again. */
export function retryAt(row: RecoveryRow): number {
  const failed = readSteps(row).some((step) => step.name === 'mail-link' && step.state === 'failed');
  return row.updatedAt + (failed ? RETRY_MS : ABANDONED_MS);
}

/**
 * Makes a fresh link and mails it, unless a second person is still to agree. The link is only in the mail: after a crash, or when the server refuses, the
 * next try makes another and the first dies, so at most one link is ever valid.
 */
export async function mailLink(recoveryId: string, options: MailLinkOptions): Promise<void> {
  const { state, mailer, publicUrl, linkLifetimeMs, clock } = options;
  const prepared = await state.transact(async (tx) => {
    const row = await tx
      .selectFrom('recoveries')
      .innerJoin('users', 'users.id', 'recoveries.userId')
      .select(['users.username', 'users.name', 'users.language', 'recoveries.mailAddress'])
      .where('recoveries.id', '=', recoveryId)
      .where('recoveries.state', '=', 'started')
      .where((eb) => eb.or([eb('needsApproval', '=', 0), eb('approvedBy', 'is not', null)]))
      .executeTakeFirst();
    return row === undefined
      ? undefined
      : { row, link: await replaceLink(tx, recoveryId, { nowMs: clock(), lifetimeMs: linkLifetimeMs }) };
  });
  if (prepared === undefined) return;
  const { row, link } = prepared;
  try {
    await mailer.send(
      recoveryMail({
        to: row.mailAddress,
        name: row.name === '' ? row.username : row.name,
        language: row.language === 'zh' ? 'zh' : 'en',
        url: recoveryUrl(publicUrl, link.secret),
        id: link.id,
      }),
    );
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    // What may have been delivered is left valid; a person decides whether to send another.
    if (!error.unknownOutcome) await storeFailure(recoveryId, row.username, link.id, error, options);
    else await storeMailed(recoveryId, row, link.id, `perhaps delivered: ${error.message}`, options);
    return;
  }
  await storeMailed(recoveryId, row, link.id, `to ${row.mailAddress}`, options);
}

async function storeMailed(
  recoveryId: string,
  row: { readonly username: string; readonly mailAddress: string },
  linkId: string,
  detail: string,
  { state, clock }: MailLinkOptions,
): Promise<void> {
  const nowMs = clock();
  await state.transact(async (tx, emit) => {
    const recovery = await tx
      .selectFrom('recoveries')
      .selectAll()
      .where('id', '=', recoveryId)
      .where('state', '=', 'started')
      .executeTakeFirst();
    if (recovery === undefined) return;
    const steps = withStep(readSteps(recovery), 'mail-link', 'done', nowMs, detail);
    await tx
      .updateTable('recoveries')
      .set({ state: 'link_mailed', steps: JSON.stringify(steps), updatedAt: nowMs })
      .where('id', '=', recoveryId)
      .execute();
    emit(
      makeEvent('recovery.link_mailed', derivedId('recovery.link_mailed', linkId), nowMs, {
        user: row.username,
        actor: recovery.requestedBy,
        ...(recovery.offenseId === null ? {} : { offense: recovery.offenseId }),
        message: `A one-time link was mailed: ${detail}.`,
        data: { recovery: recoveryId, link: linkId },
      }),
    );
  });
}

async function storeFailure(
  recoveryId: string,
  username: string,
  linkId: string,
  error: MailError,
  { state, clock }: MailLinkOptions,
): Promise<void> {
  const nowMs = clock();
  await state.transact(async (tx, emit) => {
    const recovery = await tx
      .selectFrom('recoveries')
      .selectAll()
      .where('id', '=', recoveryId)
      .executeTakeFirstOrThrow();
    const steps = withStep(readSteps(recovery), 'mail-link', 'failed', nowMs, error.message);
    await tx
      .updateTable('recoveries')
      .set({ steps: JSON.stringify(steps), updatedAt: nowMs })
      .where('id', '=', recoveryId)
      .execute();
    emit(
      makeEvent('mail.failed', derivedId('mail.failed', linkId), nowMs, {
        user: username,
        actor: 'system',
        message: error.message,
        data: { recovery: recoveryId },
      }),
    );
  });
}
