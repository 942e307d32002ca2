import type { EventRecord } from '#contract/event.ts';
import type { Language } from '#contract/resources/user.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import { readActionParams } from '#domain/playbook/playbook.ts';
import { growingPauseMs } from '#lib/growing-pause.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import { MailError } from '../mail/mail-error.ts';
import type { MailReceipt } from '../mail/mailer.ts';
import { containedMail, offenseMail, type OffenseReport } from '../mail/offense-mail.ts';
import type { OutgoingMail } from '../mail/outgoing-mail.ts';
import { ConnectorError } from '../connectors/connector-error.ts';
import { ATTEMPT_MS } from '../realms/connector-outcome.ts';
import { findTarget } from '../realms/foreign-target.ts';
import type { ActionContext, ActionExecutor, ClaimedAction } from './action-context.ts';
import { APPROVAL_TTL_MS } from './action-service.ts';
import { resultOf, type ActionOutcome, type ActionResult } from './action-states.ts';
import { gatewayUser } from './action-target.ts';

const EVIDENCE_IN_MAIL = 50;
const PAUSES = { firstMs: 15_000, longestMs: 900_000 };
const TRIES = 12;

/**
 * Tells the responders or the person. Tried again only while it is certain that nothing was delivered: before
 * the first byte of the message goes out, that is stored, so a crash behind it leaves the rest to a person.
 */
export const runMail: ActionExecutor = async (action, context) => {
  const { row } = action;
  const composed = await compose(row, context);
  if (typeof composed === 'string') return { state: 'noop', result: { summary: composed } };
  const earlier = resultOf(row);
  const delivered = earlier?.delivered ?? [];
  const mail = { ...composed, to: composed.to.filter((one) => !delivered.includes(one)) };
  const to = mail.to.join(', ');
  if (row.mode === 'shadow')
    return { state: 'shadowed', result: { summary: `a mail would have gone to ${to}: ${mail.subject}` } };
  if (context.mailer === null)
    return {
      state: 'failed',
      result: { summary: `no mail to ${to}: no mail server is configured (mail.host)` },
    };
  if (action.wasInterrupted && earlier?.isUnderWay === true)
    return {
      state: 'unknown',
      result: {
        summary: `whether the mail to ${to} was delivered is not known; look into the mailbox`,
        delivered,
      },
    };
  try {
    const receipt = await context.mailer.send(mail, {
      beforeMessage: () => markUnderWay(row, delivered, context),
    });
    return sent(receipt, mail.to, delivered, action, context);
  } catch (error) {
    return failed(error, to, delivered, action, context);
  }
};

/** Throws when another process has taken the action: it sends the mail, and this one must not. */
async function markUnderWay(
  row: ActionRow,
  delivered: readonly string[],
  { state, clock }: ActionContext,
): Promise<void> {
  const result: ActionResult = { summary: 'the mail is under way', delivered, isUnderWay: true };
  const marked = await state.transact((tx) =>
    tx
      .updateTable('actions')
      .set({ result: JSON.stringify(result), updatedAt: clock() })
      .where('id', '=', row.id)
      .where('state', '=', 'dispatched')
      .where('attempts', '=', row.attempts)
      .executeTakeFirst(),
  );
  if (marked.numUpdatedRows === 0n) throw new Error('another process has taken this mail');
}

/** The server took it, perhaps not for everybody: those alone are tried again. */
function sent(
  receipt: MailReceipt,
  to: readonly string[],
  before: readonly string[],
  { row }: ClaimedAction,
  context: ActionContext,
): ActionOutcome {
  const { messageId, response, refused } = receipt;
  const isRefused = (one: string): boolean =>
    refused.some(({ address }) => one === address || one.endsWith(`<${address}>`));
  const delivered = [...before, ...to.filter((one) => !isRefused(one))];
  const taken = `mail to ${delivered.join(', ')}: ${response}`;
  const result = { messageId, delivered };
  if (refused.length === 0) return { state: 'succeeded', result: { summary: taken, ...result } };
  const without = refused.map(({ address, reply }) => `${address}: ${reply}`).join('; ');
  const summary = `${taken}; but not to ${without}`;
  if (refused.every(({ permanent }) => permanent) || row.attempts >= TRIES)
    return { state: 'failed', result: { summary, ...result } };
  return { state: 'retrying', notBefore: retryAt(row, context), result: { summary, ...result } };
}

function failed(
  error: unknown,
  to: string,
  delivered: readonly string[],
  { row }: ClaimedAction,
  context: ActionContext,
): ActionOutcome {
  if (!(error instanceof MailError)) throw error;
  const result = { summary: `no mail to ${to}: ${error.message}`, delivered };
  if (error.unknownOutcome) return { state: 'unknown', result };
  if (error.permanent || row.attempts >= TRIES) return { state: 'failed', result };
  return { state: 'retrying', notBefore: retryAt(row, context), result };
}

function retryAt({ attempts }: ActionRow, { clock }: ActionContext): number {
  return clock() + growingPauseMs(attempts, PAUSES);
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
  context: Pick<ActionContext, 'state' | 'mailer' | 'connectors'>,
): Promise<OutgoingMail | string> {
  const params = readActionParams('mail', JSON.parse(row.params));
  if (params.to === 'responders') {
    const to = context.mailer?.responders ?? [];
    return to.length === 0
      ? 'nobody is configured to be told (mail.responders)'
      : offenseMail(report, to, context.mailer?.language ?? 'en', row.id);
  }
  const entity = parseEntity(row.target);
  const isElsewhere = entity?.kind === 'user' && entity.realm !== 'gateway';
  const { email, language } = isElsewhere
    ? await foreignAddress(row, context)
    : await ownAddress(gatewayUser(row), context.state.reader);
  if (email === null) return `${entity?.kind === 'user' ? entity.username : row.target} has no mail address`;
  return containedMail(report, email, language, row.id);
}

interface Address {
  readonly email: string | null;
  readonly language: Language;
}

async function ownAddress(username: string, db: StateReader): Promise<Address> {
  const user = await db
    .selectFrom('users')
    .select(['email', 'language'])
    .where('usernameKey', '=', username)
    .executeTakeFirst();
  return { email: user?.email ?? null, language: user?.language === 'zh' ? 'zh' : 'en' };
}

/** As the other bastion has it. */
async function foreignAddress(
  row: ActionRow,
  context: Pick<ActionContext, 'state' | 'connectors'>,
): Promise<Address> {
  const target = await findTarget(row, context, AbortSignal.timeout(ATTEMPT_MS)).catch((error: unknown) => {
    // Nobody can say who of them is meant, so nobody is written to.
    if (error instanceof ConnectorError && error.failure === 'ambiguous') return error.message;
    throw error;
  });
  return { email: typeof target === 'string' ? null : target.user.email, language: 'en' };
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
      .orderBy('step')
      .execute(),
  ]);
  if (offense === undefined || episode === undefined) return undefined;
  const done = actions.filter((one) => one.action !== 'mail');
  const waiting = actions.filter((one) => one.state === 'awaiting_approval');
  return {
    offense,
    episode,
    evidence: evidence.toReversed().map((one) => JSON.parse(one.event) as EventRecord),
    actions: done.map((one) => `${one.action}: ${resultOf(one)?.summary ?? one.state}`),
    cut: done.flatMap((one) => resultOf(one)?.cut ?? []),
    waiting: waiting.map(({ id, action, target, plannedAt }) => ({
      id,
      text: `${action} ${action === 'mail' ? 'to' : 'on'} ${target}`,
      untilMs: plannedAt + APPROVAL_TTL_MS,
    })),
    isLocked: done.some((one) => one.action === 'lock' && one.state === 'succeeded'),
  };
}
