import { PortcullisError } from '#contract/errors.ts';
import { makeEvent } from '#contract/event.ts';
import type { Offense, OffenseDetail, OffenseVerdict } from '#contract/resources/offense.ts';
import { newId } from '#lib/ids.ts';
import type { Clock } from '#lib/time.ts';
import {
  findOffense,
  readOffenseDetail,
  readOffenseViews,
  type OffenseFilter,
} from '#state/offense-view-reader.ts';
import type { OffenseRow } from '#state/schema.ts';
import type { EmitEvent, State, StateTransaction } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import { endOpenEpisode } from '../locks/end-locks.ts';

export interface OffenseOptions {
  readonly state: State;
  readonly stream: Pick<Stream, 'head'>;
  readonly clock: Clock;
}

/** What people do with offenses. */
export class OffenseService {
  readonly #options: OffenseOptions;

  constructor(options: OffenseOptions) {
    this.#options = options;
  }

  list(filter: OffenseFilter): Promise<readonly Offense[]> {
    return readOffenseViews(this.#options.state.reader, filter);
  }

  /** By number or id, with episodes, evidence, time line and actions. */
  async show(numberOrId: string): Promise<OffenseDetail | undefined> {
    const row = await findOffense(this.#options.state.reader, numberOrId);
    return row === undefined ? undefined : readOffenseDetail(this.#options.state.reader, row);
  }

  /**
   * Ends the episode with a person's verdict and re-arms the rule. Locks stay: who is let in again is a
   * decision of its own. False when the offense is closed already.
   */
  async close(
    offenseId: string,
    how: { readonly by: string; readonly verdict: OffenseVerdict; readonly comment: string },
  ): Promise<boolean> {
    const { state, stream, clock } = this.#options;
    const nowMs = clock();
    return state.transact(async (tx, emit) => {
      const row = await find(tx, offenseId);
      if (row.status === 'closed') return false;
      const comment = how.comment === '' ? '' : `: ${how.comment}`;
      await endOpenEpisode(
        tx,
        emit,
        stream,
        { offenseId, episode: row.episode },
        { reason: 'closed', by: how.by, nowMs, text: `closed as ${how.verdict}${comment}` },
      );
      await tx
        .updateTable('offenses')
        .set({ status: 'closed', verdict: how.verdict, closedAt: nowMs, updatedAt: nowMs })
        .where('id', '=', offenseId)
        .execute();
      return true;
    });
  }

  async comment(offenseId: string, comment: { readonly by: string; readonly text: string }): Promise<void> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    await state.transact(async (tx, emit) => {
      const row = await find(tx, offenseId);
      await addComment(tx, emit, row, comment, nowMs);
    });
  }
}

async function addComment(
  tx: StateTransaction,
  emit: EmitEvent,
  row: OffenseRow,
  comment: { readonly by: string; readonly text: string },
  nowMs: number,
): Promise<void> {
  const id = newId(nowMs);
  await tx
    .insertInto('timeline')
    .values({
      id,
      offenseId: row.id,
      episode: row.episode,
      time: nowMs,
      kind: 'comment',
      actor: comment.by,
      text: comment.text,
      data: '{}',
    })
    .execute();
  await tx.updateTable('offenses').set({ updatedAt: nowMs }).where('id', '=', row.id).execute();
  emit(
    makeEvent('offense.commented', id, nowMs, {
      actor: comment.by,
      offense: row.id,
      message: comment.text,
      data: { entity: row.entity, episode: row.episode },
    }),
  );
}

async function find(tx: StateTransaction, offenseId: string): Promise<OffenseRow> {
  const row = await tx.selectFrom('offenses').selectAll().where('id', '=', offenseId).executeTakeFirst();
  if (row === undefined) throw new PortcullisError('E_NOT_FOUND', 'There is no such offense.');
  return row;
}
