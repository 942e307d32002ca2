import type { EventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventFields } from '#contract/event.ts';
import { RESPONDERS } from '#domain/playbook/plan.ts';
import { derivedId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import { untried } from '#state/action-row.ts';
import type { ActionRow } from '#state/schema.ts';
import type { EmitEvent, State, StateTransaction } from '#state/state.ts';
import { aboutAction } from './about-action.ts';
import type { ClaimedAction } from './action-context.ts';
import { DUE_STATES, HOLDING_STATES, type ActionOutcome, type ActionState } from './action-states.ts';

export interface ActionOutboxOptions {
  readonly state: State;
  readonly clock: Clock;
  /** Who holds the leases: one name for each process that runs actions. */
  readonly owner: string;
  readonly leaseMs: number;
}

/** The planned actions in the state database: what is due, who has it, what became of it. */
export class ActionOutbox {
  readonly #options: ActionOutboxOptions;

  constructor(options: ActionOutboxOptions) {
    this.#options = options;
  }

  /** After a start nobody else holds what an earlier run of this process had claimed. */
  async releaseOwnLeases(): Promise<void> {
    const { state, owner } = this.#options;
    await state.transact((tx) =>
      tx
        .updateTable('actions')
        .set({ leaseUntil: 0 })
        .where('leaseOwner', '=', owner)
        .where('state', '=', 'dispatched')
        .execute(),
    );
  }

  /** Actions that can be worked on now, in order; at most one of each playbook run. */
  async due(): Promise<readonly ActionRow[]> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    const rows = await state.reader
      .selectFrom('actions')
      .selectAll()
      .where('state', 'in', [...DUE_STATES])
      .orderBy('plannedAt')
      .orderBy('offenseId')
      .orderBy('episode')
      .orderBy('step')
      .execute();
    const held = new Set<string>();
    const due: ActionRow[] = [];
    for (const row of rows) {
      const run = runKey(row);
      if (held.has(run)) continue;
      const isLeased = row.state === 'dispatched' && (row.leaseUntil ?? 0) > nowMs;
      if (!isLeased && row.notBefore <= nowMs) {
        due.push(row);
        held.add(run);
      } else if (HOLDING_STATES.has(row.state)) held.add(run);
    }
    return due;
  }

  /** Takes an action, if nobody else did. */
  async claim(row: ActionRow): Promise<ClaimedAction | undefined> {
    const { state, clock, owner, leaseMs } = this.#options;
    const nowMs = clock();
    const claimed = {
      state: 'dispatched' satisfies ActionState,
      attempts: row.attempts + 1,
      leaseOwner: owner,
      leaseUntil: nowMs + leaseMs,
      updatedAt: nowMs,
    };
    const taken = await state.transact((tx) =>
      tx
        .updateTable('actions')
        .set(claimed)
        .where('id', '=', row.id)
        .where('state', '=', row.state)
        .where('attempts', '=', row.attempts)
        .executeTakeFirst(),
    );
    if (taken.numUpdatedRows === 0n) return undefined;
    return { row: { ...row, ...claimed }, wasInterrupted: row.state === 'dispatched' };
  }

  /** Stores what became of it, with its events and its line in the time line of the offense. */
  async finish({ row }: ClaimedAction, outcome: ActionOutcome): Promise<void> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    await state.transact(async (tx, emit) => {
      const done = await tx
        .updateTable('actions')
        .set({
          state: outcome.state,
          result: JSON.stringify(outcome.result),
          ...(outcome.before === undefined || row.before !== null
            ? {}
            : { before: JSON.stringify(outcome.before) }),
          notBefore: outcome.notBefore ?? 0,
          leaseOwner: null,
          leaseUntil: null,
          updatedAt: nowMs,
        })
        .where('id', '=', row.id)
        .where('state', '=', 'dispatched')
        .where('attempts', '=', row.attempts)
        .executeTakeFirst();
      if (done.numUpdatedRows === 0n) return;
      report(emit, row, outcome, nowMs);
      if (outcome.state !== 'retrying') await addTimeline(tx, row, outcome, nowMs);
      if (outcome.state !== 'downgraded') return;
      if (outcome.result['approvable'] === true) await askForApproval(tx, row, nowMs);
      await tellResponders(tx, row, nowMs);
    });
  }
}

function runKey(row: ActionRow): string {
  return row.offenseId === null ? row.id : `${row.offenseId} ${row.episode ?? 0} ${row.playbook}`;
}

const EVENTS: Partial<Readonly<Record<ActionState, EventType>>> = {
  succeeded: 'action.succeeded',
  verified: 'containment.verified',
  contained: 'containment.contained',
  failed: 'action.failed',
  unknown: 'action.unknown',
  downgraded: 'action.downgraded',
};

function report(emit: EmitEvent, row: ActionRow, outcome: ActionOutcome, nowMs: number): void {
  const send = (type: EventType): void => {
    const id = derivedId(type, row.id, row.attempts);
    emit(makeEvent(type, id, nowMs, fieldsOf(row, outcome)));
  };
  const type = EVENTS[outcome.state];
  if (type !== undefined) send(type);
  if (row.action === 'mail') {
    if (outcome.state === 'succeeded') send('mail.sent');
    if (outcome.state === 'failed' || outcome.state === 'unknown') send('mail.failed');
  }
  // Said once, and again when nothing more is tried; not at every try in between.
  const isNews = row.attempts === 1 || outcome.state !== 'retrying';
  if (isNews && (outcome.result.unconfirmed ?? []).length > 0) send('containment.unconfirmed');
  if (row.action === 'terminate' && outcome.state === 'failed') send('containment.unconfirmed');
}

function fieldsOf(row: ActionRow, outcome: ActionOutcome): EventFields {
  const about = aboutAction(row);
  return {
    ...about,
    actor: 'system',
    message: `${row.action}: ${outcome.result.summary}`,
    data: {
      ...about.data,
      mode: row.mode,
      state: outcome.state,
      attempt: row.attempts,
      cut: (outcome.result.cut ?? []).map((session) => session.id),
      unconfirmed: [...(outcome.result.unconfirmed ?? [])],
    },
  };
}

async function addTimeline(
  tx: StateTransaction,
  row: ActionRow,
  outcome: ActionOutcome,
  nowMs: number,
): Promise<void> {
  if (row.offenseId === null || row.episode === null) return;
  await tx
    .insertInto('timeline')
    .values({
      id: derivedId('timeline', 'action', row.id, row.attempts),
      offenseId: row.offenseId,
      episode: row.episode,
      time: nowMs,
      kind: 'action',
      actor: 'system',
      text: `${row.action} ${outcome.state}: ${outcome.result.summary}`,
      data: JSON.stringify({ action: row.id, state: outcome.state }),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await tx.updateTable('offenses').set({ updatedAt: nowMs }).where('id', '=', row.offenseId).execute();
}

/** What a guard withheld is offered to a person as an action of its own. */
async function askForApproval(tx: StateTransaction, row: ActionRow, nowMs: number): Promise<void> {
  await tx
    .insertInto('actions')
    .values({
      ...row,
      id: derivedId('approval', row.id),
      playbook: approvalOf(row),
      mode: 'approve',
      state: 'awaiting_approval',
      ...untried(nowMs),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A guard never silences: where the rest of the playbook tells nobody, a mail of its own does. */
async function tellResponders(tx: StateTransaction, row: ActionRow, nowMs: number): Promise<void> {
  const { offenseId, episode } = row;
  if (offenseId === null || episode === null) return;
  const mail = await tx
    .selectFrom('actions')
    .select('id')
    .where('offenseId', '=', offenseId)
    .where('episode', '=', episode)
    .where('playbook', '=', row.playbook)
    .where('action', '=', 'mail')
    .where('target', '=', RESPONDERS)
    // One that was begun may have told some of them what was so before.
    .where('state', '=', 'planned' satisfies ActionState)
    .executeTakeFirst();
  if (mail !== undefined) return;
  await tx
    .insertInto('actions')
    .values({
      ...row,
      id: derivedId('downgraded', row.id),
      playbook: approvalOf(row),
      action: 'mail',
      target: RESPONDERS,
      params: JSON.stringify({ to: 'responders' }),
      state: 'planned',
      ...untried(nowMs),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The name under which what became of a withheld action is listed. */
function approvalOf(row: ActionRow): string {
  return row.playbook.endsWith(':approval') ? row.playbook : `${row.playbook}:approval`;
}
