import { makeEvent, type EventRecord } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { ActionRow } from '#state/schema.ts';
import type { State, StateTransaction } from '#state/state.ts';
import { aboutAction } from './about-action.ts';
import type { ActionState } from './action-states.ts';

/** A question that nobody answered for this long is answered with no. */
export const APPROVAL_TTL_MS = 3_600_000;

export interface ActionServiceOptions {
  readonly state: State;
  readonly clock: Clock;
  /** After an approval: something is due. */
  readonly onApproved?: () => void;
}

type Decision = 'approved' | 'rejected' | 'expired';

const STATES: Readonly<Record<Decision, ActionState>> = {
  approved: 'planned',
  rejected: 'rejected',
  expired: 'expired',
};
const WORDS: Readonly<Record<Decision, string>> = {
  approved: 'was approved',
  rejected: 'was rejected',
  expired: 'expired without an answer',
};

/** What people decide about planned actions. */
export class ActionService {
  readonly #options: ActionServiceOptions;

  constructor(options: ActionServiceOptions) {
    this.#options = options;
  }

  /**
   * Lets an action run that waits for a person, or sends a mail again that was given up or whose outcome is
   * unknown. False when there is no such action.
   */
  async approve(actionId: string, by: string): Promise<boolean> {
    const done = await this.#decide(actionId, 'approved', by);
    if (done) this.#options.onApproved?.();
    return done;
  }

  reject(actionId: string, by: string): Promise<boolean> {
    return this.#decide(actionId, 'rejected', by);
  }

  /** Answers questions that are too old with no. Returns how many. */
  async expireDue(): Promise<number> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    const old = await state.reader
      .selectFrom('actions')
      .select('id')
      .where('state', '=', 'awaiting_approval')
      .where('plannedAt', '<=', nowMs - APPROVAL_TTL_MS)
      .execute();
    for (const { id } of old) await this.#decide(id, 'expired', 'system');
    return old.length;
  }

  #decide(actionId: string, decision: Decision, by: string): Promise<boolean> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    return state.transact(async (tx, emit) => {
      const row = await tx.selectFrom('actions').selectAll().where('id', '=', actionId).executeTakeFirst();
      if (row === undefined || !isOpenTo(row, decision)) return false;
      const decided = await tx
        .updateTable('actions')
        .set({ state: STATES[decision], updatedAt: nowMs })
        .where('id', '=', actionId)
        .where('state', '=', row.state)
        .executeTakeFirst();
      if (decided.numUpdatedRows === 0n) return false;
      await addTimeline(tx, row, `${row.action} ${WORDS[decision]}`, by, nowMs);
      emit(decisionEvent(row, decision, by, nowMs));
      return true;
    });
  }
}

/** The tries of a mail are counted on, so what a person sends again gets one more when they were used up. */
function isOpenTo({ state, action }: ActionRow, decision: Decision): boolean {
  if (state === 'awaiting_approval') return true;
  return decision === 'approved' && action === 'mail' && (state === 'failed' || state === 'unknown');
}

function decisionEvent(row: ActionRow, decision: Decision, by: string, nowMs: number): EventRecord {
  const about = aboutAction(row);
  return makeEvent('action.decided', derivedId('action.decided', row.id, row.attempts), nowMs, {
    ...about,
    actor: by,
    message: `${row.action} on ${row.target} ${WORDS[decision]}.`,
    data: { ...about.data, decision },
  });
}

async function addTimeline(
  tx: StateTransaction,
  row: ActionRow,
  text: string,
  by: string,
  nowMs: number,
): Promise<void> {
  if (row.offenseId === null || row.episode === null) return;
  await tx
    .insertInto('timeline')
    .values({
      id: derivedId('timeline', 'decision', row.id, row.attempts),
      offenseId: row.offenseId,
      episode: row.episode,
      time: nowMs,
      kind: 'decision',
      actor: by,
      text: `${text}.`,
      data: JSON.stringify({ action: row.id }),
    })
    .execute();
}
