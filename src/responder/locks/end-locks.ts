import { makeEvent, type EventFields } from '#contract/event.ts';
import { parseEntity } from '#domain/detection/entity.ts';
import type { EndReason } from '#domain/offense/ending.ts';
import { derivedId } from '#lib/ids.ts';
import { endEpisode } from '#state/episode-writer.ts';
import type { LockRow } from '#state/schema.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';
import type { Stream } from '#stream/stream.ts';

export interface LocksEnd {
  /** Who ended them: a user name, or `system`. */
  readonly by: string;
  /** From where they asked for it; for the audit trail. */
  readonly address?: string;
  readonly reason: string;
  /** Why an episode ends whose last containment this was. */
  readonly episodeReason: EndReason;
  readonly nowMs: number;
}

/**
 * Ends locks. Whoever ends the last containment of an episode ends the episode, so its rule is armed again.
 * The end lies at the head of the stream, read inside the transaction: the detector commits its progress in
 * the same database, so nothing it has judged lies behind that head, and nothing of the future before it.
 */
export async function endLocks(
  tx: StateTransaction,
  emit: EmitEvent,
  stream: Pick<Stream, 'head'>,
  rows: readonly LockRow[],
  end: LocksEnd,
): Promise<void> {
  for (const row of rows) {
    await tx
      .updateTable('locks')
      .set({ endedAt: end.nowMs, endedBy: end.by, endReason: end.reason })
      .where('id', '=', row.id)
      .where('endedAt', 'is', null)
      .execute();
    emit(
      makeEvent('lock.ended', derivedId('lock.ended', row.id), end.nowMs, {
        actor: end.by,
        ...(end.address === undefined ? {} : { address: end.address }),
        ...whoIsLocked(row),
        ...(row.offenseId === null ? {} : { offense: row.offenseId }),
        message: withReason(`The lock on ${row.targetKind} ${row.target} ended`, end.reason),
        data: { lock: row.id, targetKind: row.targetKind, target: row.target, mode: row.mode },
      }),
    );
  }
  const episodes = new Map(rows.map((row) => [`${row.offenseId ?? ''} ${row.episode ?? ''}`, row]));
  for (const { offenseId, episode } of episodes.values())
    if (offenseId !== null && episode !== null)
      await endEpisodeIfFree(tx, emit, stream, { offenseId, episode }, end);
}

/** Nobody need say why they end a lock. */
function withReason(text: string, reason: string): string {
  return reason === '' ? text : `${text}: ${reason}`;
}

/** The person that a lock is on, for events about it. */
export function whoIsLocked({ targetKind, target }: LockRow): EventFields {
  if (targetKind === 'user') return { user: target };
  const entity = targetKind === 'foreign-user' ? parseEntity(target) : undefined;
  return entity?.kind === 'user' ? { realm: entity.realm, user: entity.username } : {};
}

async function endEpisodeIfFree(
  tx: StateTransaction,
  emit: EmitEvent,
  stream: Pick<Stream, 'head'>,
  about: { readonly offenseId: string; readonly episode: number },
  end: LocksEnd,
): Promise<void> {
  const other = await tx
    .selectFrom('locks')
    .select('id')
    .where('offenseId', '=', about.offenseId)
    .where('episode', '=', about.episode)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  if (other !== undefined) return;
  await endOpenEpisode(tx, emit, stream, about, {
    reason: end.episodeReason,
    by: end.by,
    nowMs: end.nowMs,
    text: withReason('the containment ended', end.reason),
  });
}

/** Ends the episode at the head of the stream. False when it is not open. */
export async function endOpenEpisode(
  tx: StateTransaction,
  emit: EmitEvent,
  stream: Pick<Stream, 'head'>,
  about: { readonly offenseId: string; readonly episode: number },
  end: { readonly reason: EndReason; readonly by: string; readonly nowMs: number; readonly text: string },
): Promise<boolean> {
  const offense = await tx
    .selectFrom('offenses')
    .innerJoin('episodes', 'episodes.offenseId', 'offenses.id')
    .select(['offenses.ruleId', 'offenses.entity', 'offenses.title', 'episodes.openedPosition'])
    .where('offenses.id', '=', about.offenseId)
    .where('episodes.episode', '=', about.episode)
    .where('episodes.endedAt', 'is', null)
    .executeTakeFirst();
  if (offense === undefined) return false;
  const head = await stream.head();
  return endEpisode(tx, emit, {
    ...about,
    ruleId: offense.ruleId,
    entity: offense.entity,
    title: offense.title,
    reason: end.reason,
    by: end.by,
    position: Math.max(head, offense.openedPosition),
    timeMs: end.nowMs,
    text: end.text,
  });
}
