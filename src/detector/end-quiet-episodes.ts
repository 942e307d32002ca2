import { isQuiet } from '#domain/offense/advance.ts';
import { endEpisode } from '#state/episode-writer.ts';
import type { EmitEvent, StateTransaction } from '#state/state.ts';

/** The moment of a tick: its place in the stream and the time it tells. */
export interface TickMoment {
  readonly position: number;
  readonly timeMs: number;
}

/** Ends what has been quiet for long enough and is not contained. Time comes from the tick, not from a clock. */
export async function endQuietEpisodes(
  tx: StateTransaction,
  emit: EmitEvent,
  tick: TickMoment,
  quietMs: number,
): Promise<void> {
  const quiet = await tx
    .selectFrom('episodes')
    .innerJoin('offenses', 'offenses.id', 'episodes.offenseId')
    .select([
      'episodes.offenseId',
      'episodes.episode',
      'episodes.lastEventAt',
      'offenses.ruleId',
      'offenses.entity',
      'offenses.title',
    ])
    .where('episodes.endedAt', 'is', null)
    .where('episodes.lastEventAt', '<=', tick.timeMs - quietMs)
    .execute();
  for (const row of quiet) {
    const contained = await isContained(tx, row.offenseId, row.episode, tick.timeMs);
    if (!isQuiet(row.lastEventAt, tick.timeMs, quietMs, contained)) continue;
    await endEpisode(tx, emit, {
      ...row,
      reason: 'quiet',
      by: 'system',
      position: tick.position,
      timeMs: tick.timeMs,
      text: 'nothing happened any more',
    });
  }
}

async function isContained(
  tx: StateTransaction,
  offenseId: string,
  episode: number,
  nowMs: number,
): Promise<boolean> {
  const lock = await tx
    .selectFrom('locks')
    .select('id')
    .where('offenseId', '=', offenseId)
    .where('episode', '=', episode)
    .where('endedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', nowMs)]))
    .executeTakeFirst();
  return lock !== undefined;
}
