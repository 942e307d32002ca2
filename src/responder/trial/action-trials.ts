import { PortcullisError } from '#contract/errors.ts';
import { Name, nameKey } from '#contract/names.ts';
import type { ActionTrial } from '#contract/resources/action-trial.ts';
import { problemsOf } from '#contract/problems.ts';
import { formatEntity } from '#domain/detection/entity.ts';
import { usernameIn } from '#domain/playbook/person-name.ts';
import { actionParams, type ActionName, isActionName, noSuchAction } from '#domain/playbook/playbook.ts';
import { newId } from '#lib/ids.ts';
import type { JsonObject } from '#lib/json.ts';
import { untried } from '#state/action-row.ts';
import type { ActionRow } from '#state/schema.ts';
import type { StateReader } from '#state/state.ts';
import type { ActionContext } from '../actions/action-context.ts';
import { dryRun } from '../actions/action-runner.ts';
import type { ActionOutcome } from '../actions/action-states.ts';
import { type LockBefore, stateBefore } from '../actions/lock-action.ts';
import { findObjections } from '../actions/lock-guards.ts';
import { composeMail } from '../actions/mail-action.ts';
import type { OutgoingMail } from '../mail/mailer.ts';
import { sampleReport } from './sample-report.ts';

export interface TrialRequest {
  readonly name: string;
  /** `user`, and what the action takes under `with` in a playbook. */
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
    const { user, ...given } = request.set;
    if (user === undefined) throw mistake('set.user', "is missing; for example --set user='Alice Li(alice)'");
    const { state, clock, limits } = this.#context;
    const username = await findUsername(state.reader, user);
    const row = trialRow(name, username, readParams(name, given), clock());
    const entity = formatEntity({ kind: 'user', realm: 'gateway', username });
    const mail =
      name === 'mail' ? await composeMail(row, sampleReport(row.id, entity, clock()), this.#context) : null;
    const plan = mail === null ? await dryRun(name, row, this.#context) : mailPlan(mail);
    const objections =
      name === 'lock'
        ? await findObjections(state.reader, { ...row, mode: 'auto' }, username, limits, clock())
        : [];
    return {
      action: name,
      target: row.target,
      before: shownBefore(await stateBefore(username, this.#context)),
      state: plan.state,
      summary: plan.result.summary,
      objections: [...objections],
      mail: mail === null || typeof mail === 'string' ? null : shown(mail),
      sent: request.send ? await this.#send(mail) : null,
    };
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

function mistake(path: string, message: string): PortcullisError {
  return new PortcullisError('E_INPUT', 'The action cannot be tried so.', { problems: [{ path, message }] });
}

async function findUsername(db: StateReader, text: string): Promise<string> {
  const name = Name.safeParse(usernameIn(text));
  const row = !name.success
    ? undefined
    : await db
        .selectFrom('users')
        .select('usernameKey')
        .where('usernameKey', '=', nameKey(name.data))
        .executeTakeFirst();
  if (row === undefined) throw mistake('set.user', `there is no user ${usernameIn(text)}`);
  return row.usernameKey;
}

function readParams(name: ActionName, given: Readonly<Record<string, string>>): JsonObject {
  const params = actionParams(name).safeParse(given);
  if (!params.success)
    throw new PortcullisError('E_INPUT', `The values do not fit what ${name} takes.`, {
      problems: problemsOf(params.error),
    });
  return params.data as JsonObject;
}

function trialRow(name: ActionName, username: string, params: JsonObject, nowMs: number): ActionRow {
  const entity = formatEntity({ kind: 'user', realm: 'gateway', username });
  return {
    id: newId(nowMs),
    offenseId: null,
    episode: null,
    playbook: 'test',
    step: 1,
    action: name,
    target: name === 'mail' && params['to'] === 'responders' ? 'responders' : entity,
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
