import { derivedId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import type { ActionRow } from '#state/schema.ts';
import type { State, StateTransaction } from '#state/state.ts';
import type { ActionState } from './action-states.ts';

/** A question that nobody answered for this long is answered with no. */
const APPROVAL_TTL_MS = 3_600_000;

export interface ActionServiceOptions {
  readonly state: State;
  readonly clock: Clock;
  /** After an approval: something is due. */
  readonly onApproved?: () => void;
}

/** What people decide about planned actions. */
export class ActionService {
  readonly #options: ActionServiceOptions;

  constructor(options: ActionServiceOptions) {
    this.#options = options;
  }

  /** False when there is no such action that waits for a person. */
  async approve(actionId: string, by: string): Promise<boolean> {
    const done = await this.#decide(actionId, 'planned', by, 'approved');
    if (done) this.#options.onApproved?.();
    return done;
  }

  reject(actionId: string, by: string): Promise<boolean> {
    return this.#decide(actionId, 'rejected', by, 'rejected');
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
    for (const { id } of old) await this.#decide(id, 'expired', 'system', 'expired without an answer');
    return old.length;
  }

  #decide(actionId: string, to: ActionState, by: string, word: string): Promise<boolean> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    return state.transact(async (tx) => {
      const row = await tx
        .selectFrom('actions')
        .selectAll()
        .where('id', '=', actionId)
        .where('state', '=', 'awaiting_approval')
        .executeTakeFirst();
      if (row === undefined) return false;
      await tx
        .updateTable('actions')
        .set({ state: to, updatedAt: nowMs })
        .where('id', '=', actionId)
        .where('state', '=', 'awaiting_approval')
        .execute();
      await addTimeline(tx, row, `${row.action} was ${word}`, by, nowMs);
      return true;
    });
  }
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
      id: derivedId('timeline', 'decision', row.id),
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
