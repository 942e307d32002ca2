import { PortcullisError } from '#contract/errors.ts';
import type { ActionTrial } from '#contract/resources/action-trial.ts';
import { problemsOf } from '#contract/problems.ts';
import { RESPONDERS } from '#domain/playbook/plan.ts';
import { actionParams, type ActionName, isActionName, noSuchAction } from '#domain/playbook/playbook.ts';
import { newId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import { untried } from '#state/action-row.ts';
import type { ActionRow } from '#state/schema.ts';
import type { ActionContext } from '../actions/action-context.ts';
import { dryRun } from '../actions/action-runner.ts';
import type { ActionOutcome } from '../actions/action-states.ts';
import { findBlockObjections } from '../actions/block-guards.ts';
import { findObjections, type GuardObjection } from '../actions/lock-guards.ts';
import { composeMail } from '../actions/mail-action.ts';
import { type LockAim, type LockBefore, stateBefore } from '../actions/place-lock.ts';
import { ConnectorError } from '../connectors/connector-error.ts';
import type { OutgoingMail } from '../mail/outgoing-mail.ts';
import { type Look, lookElsewhere } from './look-elsewhere.ts';
import { sampleReport } from './sample-report.ts';
import { mistake, readSubject } from './trial-subject.ts';

export interface TrialRequest {
  readonly name: string;
  /** `user` (with `realm`, when it is not one of ours), or `address` of a block, and what the action takes under `with` in a playbook. */
  readonly set: Readonly<Record<string, string>>;
  /** A mail is really sent. */
  readonly send: boolean;
}

/** Tries an action with given values: reads what is there, asks the guards, renders the mail, and changes nothing. */
export class ActionTrials {
  readonly #context: ActionContext;

  constructor(context: ActionContext) {
    this.#context = context;
  }

  /** Throws E_INPUT when the values do not fit, E_MAIL when a mail that was to be sent could not be. */
  async run(request: TrialRequest): Promise<ActionTrial> {
    const { name } = request;
    if (!isActionName(name)) throw mistake('name', noSuchAction(name));
    if (request.send && name !== 'mail') throw mistake('send', 'only a mail can be sent');
    const { clock } = this.#context;
    const { aim, entity, given } = await readSubject(name, request.set, this.#context);
    const row = trialRow(name, entity, readParams(name, given), clock());
    const mail = name === 'mail' ? await this.#compose(row, entity) : null;
    const plan = mail === null ? await dryRun(name, row, this.#context) : mailPlan(mail);
    const { before, objections } =
      aim === null ? await lookElsewhere(row, this.#context) : await this.#look(name, row, aim);
    return {
      action: name,
      target: row.target,
      before: shownBefore(before),
      state: plan.state,
      summary: plan.result.summary,
      objections: [...objections],
      mail: mail === null || typeof mail === 'string' ? null : shown(mail),
      sent: request.send ? await this.#send(mail) : null,
    };
  }

  async #compose(row: ActionRow, entity: string): Promise<OutgoingMail | string> {
    try {
      return await composeMail(row, sampleReport(row.id, entity, this.#context.clock()), this.#context);
    } catch (error) {
      if (error instanceof ConnectorError) return error.message;
      throw error;
    }
  }

  async #look(name: ActionName, row: ActionRow, aim: LockAim): Promise<Look> {
    const before = await stateBefore(aim, this.#context);
    return { before, objections: await this.#objections(name, { ...row, mode: 'auto' }, aim.target) };
  }

  /** What the guards would say, were this real and automatic. */
  async #objections(name: ActionName, row: ActionRow, target: string): Promise<readonly GuardObjection[]> {
    const { state, control, limits, clock } = this.#context;
    if (name === 'lock') return findObjections(state.reader, row, target, limits, clock());
    if (name !== 'block') return [];
    const live = await control.sessions();
    return findBlockObjections(state.reader, { row, address: target, live }, { limits, clock });
  }

  async #send(mail: OutgoingMail | string | null): Promise<string> {
    const { mailer } = this.#context;
    if (mailer === null)
      throw new PortcullisError('E_MAIL', 'No mail server is configured. Set mail.host and start again.');
    if (mail === null || typeof mail === 'string')
      throw new PortcullisError('E_MAIL', `There is nothing to send: ${mail ?? 'it is no mail'}.`);
    return (await mailer.send(mail)).response;
  }
}

function readParams(name: ActionName, given: Readonly<Record<string, string>>): JsonObject {
  const params = actionParams(name).safeParse(given);
  if (!params.success)
    throw new PortcullisError('E_INPUT', `The values do not fit what ${name} takes.`, {
      problems: problemsOf(params.error),
    });
  return params.data as JsonObject;
}

function trialRow(name: ActionName, entity: string, params: JsonObject, nowMs: number): ActionRow {
  return {
    id: newId(nowMs),
    offenseId: null,
    episode: null,
    playbook: 'test',
    step: 1,
    action: name,
    target: name === 'mail' && params['to'] === 'responders' ? RESPONDERS : entity,
    params: JSON.stringify(params),
    mode: 'shadow',
    state: 'planned',
    ...untried(nowMs),
    attempts: 1,
  };
}

function mailPlan(mail: OutgoingMail | string): ActionOutcome {
  return typeof mail === 'string'
    ? { state: 'noop', result: { summary: mail } }
    : {
        state: 'shadowed',
        result: { summary: `a mail would go to ${mail.to.join(', ')}: ${mail.subject}` },
      };
}

function shown({ to, subject, text }: OutgoingMail): ActionTrial['mail'] {
  return { to: [...to], subject, text };
}

function shownBefore({ locks, sessions }: LockBefore): ActionTrial['before'] {
  return { locks: [...locks], sessions: sessions.map((one) => ({ ...one, channels: [...one.channels] })) };
}
