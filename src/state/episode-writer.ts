import { makeEvent } from '#contract/event.ts';
import { endEventFields, endEventId, type EpisodeEnd } from '#domain/offense/ending.ts';
import { derivedId } from '#lib/ids.ts';
import type { EmitEvent, StateTransaction } from './state.ts';

/**
 * Ends an episode, and with it the open offense: matches up to the position belong to the past. Returns false,
 * and changes nothing, when it had ended before.
 */
export async function endEpisode(tx: StateTransaction, emit: EmitEvent, end: EpisodeEnd): Promise<boolean> {
  const done = await tx
    .updateTable('episodes')
    .set({ endedAt: end.timeMs, endPosition: end.position, endReason: end.reason })
    .where('offenseId', '=', end.offenseId)
    .where('episode', '=', end.episode)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  if (done.numUpdatedRows === 0n) return false;
  await tx
    .updateTable('offenses')
    .set({ status: 'closed', closedAt: end.timeMs, updatedAt: end.timeMs })
    .where('id', '=', end.offenseId)
    .where('episode', '=', end.episode)
    .execute();
  const eventId = endEventId(end.offenseId, end.episode);
  await tx
    .insertInto('timeline')
    .values({
      id: derivedId('timeline', eventId),
      offenseId: end.offenseId,
      episode: end.episode,
      time: end.timeMs,
      kind: 'ended',
      actor: end.by,
      text: `Episode ${end.episode} ended: ${end.text}.`,
      data: JSON.stringify({ reason: end.reason }),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  emit(makeEvent('offense.closed', eventId, end.timeMs, endEventFields(end)));
  return true;
}
