import { makeEvent } from '#contract/event.ts';
import { growingPauseMs } from '#lib/growing-pause.ts';
import { derivedId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { RecoveryRow } from '#state/schema.ts';
import type { State } from '#state/state.ts';
import { MailError } from '../mail/mail-error.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { OutgoingMail } from '../mail/outgoing-mail.ts';
import { recoveryMail } from '../mail/recovery-mail.ts';
import { recoveryUrl, replaceLink } from './recovery-link.ts';
import { readSteps, withStep } from './recovery-steps.ts';

const PAUSES = { firstMs: 30_000, longestMs: 900_000 };
/** With the pauses between them more than two hours: as long as a mail server may be away without anybody minding. */
const TRIES = 13;
/** Longer than a mail can take: whoever began is either done by then or gone. */
const ABANDONED_MS = 120_000;

export interface MailLinkOptions {
  readonly state: State;
  readonly mailer: Mailer;
  readonly publicUrl: string | null;
  readonly linkLifetimeMs: number;
  readonly clock: Clock;
}

/** When a link that was not mailed is tried again; null when only a person can have it tried. */
export function retryAt(row: RecoveryRow): number | null {
  const step = readSteps(row).find(({ name }) => name === 'mail-link');
  return step?.state === 'failed' ? (step.nextAt ?? null) : row.updatedAt + ABANDONED_MS;
}

/**
 * Makes a fresh link and mails it, unless a second person is still to agree. The link is only in the mail: after a
 * crash, or when the server refuses, the next try makes another and the first dies, so at most one is ever valid.
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
  const outcome = await send(
    mailer,
    recoveryMail({
      to: row.mailAddress,
      name: row.name === '' ? row.username : row.name,
      language: row.language === 'zh' ? 'zh' : 'en',
      url: recoveryUrl(publicUrl, link.secret),
      lifetimeMs: linkLifetimeMs,
      id: link.id,
    }),
  );
  await storeOutcome({ id: recoveryId, username: row.username, linkId: link.id }, outcome, options);
}

interface Outcome {
  readonly isMailed: boolean;
  readonly detail: string;
  readonly isPermanent: boolean;
}

async function send(mailer: Mailer, mail: OutgoingMail): Promise<Outcome> {
  try {
    await mailer.send(mail);
    return { isMailed: true, detail: `to ${mail.to.join(', ')}`, isPermanent: false };
  } catch (error) {
    if (!(error instanceof MailError)) throw error;
    const { message, unknownOutcome, permanent } = error;
    // What may have been delivered is left valid; a person decides whether to send another.
    return unknownOutcome
      ? { isMailed: true, detail: `perhaps delivered: ${message}`, isPermanent: false }
      : { isMailed: false, detail: message, isPermanent: permanent };
  }
}

/** Unless the recovery is over meanwhile. */
async function storeOutcome(
  about: { readonly id: string; readonly username: string; readonly linkId: string },
  { isMailed, detail, isPermanent }: Outcome,
  { state, clock }: MailLinkOptions,
): Promise<void> {
  const nowMs = clock();
  await state.transact(async (tx, emit) => {
    const recovery = await tx
      .selectFrom('recoveries')
      .selectAll()
      .where('id', '=', about.id)
      .where('state', '=', 'started')
      .executeTakeFirst();
    if (recovery === undefined) return;
    const steps = readSteps(recovery);
    const attempts = (steps.find(({ name }) => name === 'mail-link')?.attempts ?? 0) + 1;
    const isGivenUp = isPermanent || attempts >= TRIES;
    const nextAt = isMailed || isGivenUp ? null : nowMs + growingPauseMs(attempts, PAUSES);
    const now = withStep(steps, 'mail-link', isMailed ? 'done' : 'failed', nowMs, detail, {
      attempts,
      nextAt,
    });
    await tx
      .updateTable('recoveries')
      .set({ ...(isMailed ? { state: 'link_mailed' } : {}), steps: JSON.stringify(now), updatedAt: nowMs })
      .where('id', '=', about.id)
      .execute();
    const type = isMailed ? 'recovery.link_mailed' : 'mail.failed';
    emit(
      makeEvent(type, derivedId(type, about.linkId), nowMs, {
        user: about.username,
        actor: isMailed ? recovery.requestedBy : 'system',
        ...(recovery.offenseId === null ? {} : { offense: recovery.offenseId }),
        message: isMailed ? `A one-time link was mailed: ${detail}.` : detail,
        data: { recovery: about.id, link: about.linkId },
      }),
    );
  });
}
