import type { EventRecord } from '#contract/event.ts';
import { readActionParams } from '#domain/playbook/playbook.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import { MailError } from '../mail/mail-error.ts';
import type { OutgoingMail } from '../mail/mailer.ts';
import { containedMail, offenseMail, type OffenseReport } from '../mail/offense-mail.ts';
import type { ActionContext, ActionExecutor, ClaimedAction } from './action-context.ts';
import { resultOf, type ActionOutcome } from './action-states.ts';
import { gatewayUser } from './action-target.ts';

const EVIDENCE_IN_MAIL = 50;
const FIRST_RETRY_MS = 15_000;
const LAST_RETRY_MS = 900_000;
const TRIES = 12;
/** A crash may have hit after the mail was taken, so the same mail, with the same id, goes out twice at most. */
const TRIES_AFTER_CRASH = 2;

/** Tells the responders or the person. Tried again only while it is certain that nothing was delivered. */
export const runMail: ActionExecutor = async (action, context) => {
  const mail = await compose(action.row, context);
  if (typeof mail === 'string') return { state: 'noop', result: { summary: mail } };
  const to = mail.to.join(', ');
  if (action.row.mode === 'shadow')
    return { state: 'shadowed', result: { summary: `a mail would have gone to ${to}: ${mail.subject}` } };
  if (context.mailer === null)
    return {
      state: 'failed',
      result: { summary: `no mail to ${to}: no mail server is configured (mail.host)` },
    };
  if (action.wasInterrupted && action.row.attempts > TRIES_AFTER_CRASH)
    return {
      state: 'unknown',
      result: { summary: `whether the mail to ${to} was delivered is not known; look into the mailbox` },
    };
  try {
    const receipt = await context.mailer.send(mail);
    return {
      state: 'succeeded',
      result: { summary: `mail to ${to}: ${receipt.response}`, messageId: receipt.messageId },
    };
  } catch (error) {
    return failed(error, to, action, context);
  }
};

function failed(error: unknown, to: string, { row }: ClaimedAction, context: ActionContext): ActionOutcome {
  if (!(error instanceof MailError)) throw error;
  const summary = `no mail to ${to}: ${error.message}`;
  if (error.unknownOutcome) return { state: 'unknown', result: { summary } };
  if (error.permanent || row.attempts >= TRIES) return { state: 'failed', result: { summary } };
  const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** (row.attempts - 1), LAST_RETRY_MS);
  return { state: 'retrying', notBefore: context.clock() + pauseMs, result: { summary } };
}

/** The mail, or why there is none. */
async function compose(row: ActionRow, context: ActionContext): Promise<OutgoingMail | string> {
  const report = await readReport(row, context.state.reader);
  return report === undefined ? 'the offense is gone' : composeMail(row, report, context);
}

/** The mail with this report, or why there is none. */
export async function composeMail(
  row: ActionRow,
  report: OffenseReport,
  context: Pick<ActionContext, 'state' | 'mailer'>,
): Promise<OutgoingMail | string> {
  const params = readActionParams('mail', JSON.parse(row.params));
  if (params.to === 'responders') {
    const to = context.mailer?.responders ?? [];
    return to.length === 0
      ? 'nobody is configured to be told (mail.responders)'
      : offenseMail(report, to, row.id);
  }
  const username = gatewayUser(row);
  const user = await context.state.reader
    .selectFrom('users')
    .select(['email', 'language'])
    .where('usernameKey', '=', username)
    .executeTakeFirst();
  const email = user?.email ?? null;
  if (email === null) return `${username} has no mail address`;
  return containedMail(report, email, user?.language === 'zh' ? 'zh' : 'en', row.id);
}

async function readReport(row: ActionRow, db: StateReader): Promise<OffenseReport | undefined> {
  const { offenseId, episode: number } = row;
  if (offenseId === null || number === null) return undefined;
  const [offense, episode, evidence, actions] = await Promise.all([
    db.selectFrom('offenses').selectAll().where('id', '=', offenseId).executeTakeFirst(),
    db
      .selectFrom('episodes')
      .selectAll()
      .where('offenseId', '=', offenseId)
      .where('episode', '=', number)
      .executeTakeFirst(),
    db
      .selectFrom('evidence')
      .select('event')
      .where('offenseId', '=', offenseId)
      .where('episode', '=', number)
      .orderBy('position', 'desc')
      .limit(EVIDENCE_IN_MAIL)
      .execute(),
    db
      .selectFrom('actions')
      .selectAll()
      .where('offenseId', '=', offenseId)
      .where('episode', '=', number)
      .where('action', '!=', 'mail')
      .orderBy('step')
      .execute(),
  ]);
  if (offense === undefined || episode === undefined) return undefined;
  return {
    offense,
    episode,
    evidence: evidence.toReversed().map((one) => JSON.parse(one.event) as EventRecord),
    actions: actions.map((one) => `${one.action}: ${resultOf(one)?.summary ?? one.state}`),
    cut: actions.flatMap((one) => resultOf(one)?.cut ?? []),
    isLocked: actions.some((one) => one.action === 'lock' && one.state === 'succeeded'),
  };
}
