import { PortcullisError } from '#contract/errors.ts';
import { nameKey } from '#contract/names.ts';
import type { Offense, OffenseDetail, OffenseVerdict } from '#contract/resources/offense.ts';
import { RESPONDERS } from '#contract/routes/route.ts';
import type { Clock } from '#lib/time.ts';
import {
  findOffense,
  readOffenseDetail,
  readOffenseViews,
  type OffenseFilter,
} from '#state/offense-view-reader.ts';
import type { OffenseRow } from '#state/schema.ts';
import type { State, StateTransaction } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';
import { endOpenEpisode } from '../locks/end-locks.ts';
import { noteOnOffense } from './offense-note.ts';

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
      const text = `closed as ${how.verdict}${how.comment === '' ? '' : `: ${how.comment}`}`;
      const ended = await endOpenEpisode(
        tx,
        emit,
        stream,
        { offenseId, episode: row.episode },
        { reason: 'closed', by: how.by, nowMs, text },
      );
      // An offense that was reopened has no open episode, and its end was reported before.
      if (!ended)
        await noteOnOffense(tx, emit, row, {
          type: 'offense.closed',
          kind: 'closed',
          by: how.by,
          text: `The offense was ${text}.`,
          data: { reason: 'closed' },
          nowMs,
        });
      await tx
        .updateTable('offenses')
        .set({ status: 'closed', verdict: how.verdict, closedAt: nowMs, updatedAt: nowMs })
        .where('id', '=', offenseId)
        .execute();
      return true;
    });
  }

  /**
   * Opens a closed offense for people again. Its last episode stays ended and the rule stays armed: only a
   * fire opens an episode. False when the offense is open.
   */
  async reopen(offenseId: string, how: { readonly by: string; readonly comment: string }): Promise<boolean> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    return state.transact(async (tx, emit) => {
      const row = await find(tx, offenseId);
      if (row.status === 'open') return false;
      await tx
        .updateTable('offenses')
        .set({ status: 'open', verdict: null, closedAt: null })
        .where('id', '=', offenseId)
        .execute();
      const was = row.verdict === null ? '' : ` It had been closed as ${row.verdict}.`;
      await noteOnOffense(tx, emit, row, {
        type: 'offense.reopened',
        kind: 'reopened',
        by: how.by,
        text: `Reopened: ${how.comment}${was}`,
        data: { comment: how.comment, verdict: row.verdict },
        nowMs,
      });
      return true;
    });
  }

  /** Says who looks after the offense; null for nobody. Throws E_INPUT for whom it cannot be. */
  async assign(
    offenseId: string,
    to: { readonly by: string; readonly assignee: string | null },
  ): Promise<void> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    await state.transact(async (tx, emit) => {
      const row = await find(tx, offenseId);
      const assignee = to.assignee === null ? null : await findResponder(tx, to.assignee);
      if (assignee === row.assignee) return;
      await tx.updateTable('offenses').set({ assignee }).where('id', '=', offenseId).execute();
      await noteOnOffense(tx, emit, row, {
        type: 'offense.assigned',
        kind: 'assigned',
        by: to.by,
        text: assignee === null ? 'Assigned to nobody.' : `Assigned to ${assignee}.`,
        data: { assignee, before: row.assignee },
        nowMs,
      });
    });
  }

  async comment(offenseId: string, comment: { readonly by: string; readonly text: string }): Promise<void> {
    const { state, clock } = this.#options;
    const nowMs = clock();
    await state.transact(async (tx, emit) =>
      noteOnOffense(tx, emit, await find(tx, offenseId), {
        type: 'offense.commented',
        kind: 'comment',
        by: comment.by,
        text: comment.text,
        data: {},
        nowMs,
      }),
    );
  }
}

async function find(tx: StateTransaction, offenseId: string): Promise<OffenseRow> {
  const row = await tx.selectFrom('offenses').selectAll().where('id', '=', offenseId).executeTakeFirst();
  if (row === undefined) throw new PortcullisError('E_NOT_FOUND', 'There is no such offense.');
  return row;
}

/** The user's own spelling of the name. */
async function findResponder(tx: StateTransaction, name: string): Promise<string> {
  const user = await tx
    .selectFrom('users')
    .select(['username', 'roles'])
    .where('usernameKey', '=', nameKey(name))
    .executeTakeFirst();
  const problem =
    user === undefined
      ? `there is no user ${name}`
      : !RESPONDERS.some((role) => (JSON.parse(user.roles) as string[]).includes(role))
        ? `${user.username} has neither of the roles ${RESPONDERS.join(', ')}`
        : undefined;
  if (user === undefined || problem !== undefined)
    throw new PortcullisError('E_INPUT', 'The offense cannot be assigned so.', {
      problems: [{ path: 'assignee', message: problem ?? 'is nobody' }],
    });
  return user.username;
}
