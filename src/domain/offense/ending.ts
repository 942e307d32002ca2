import type { EventFields } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';

/** Why an episode ended. */
export type EndReason = 'closed' | 'containment-ended' | 'recovered' | 'quiet';

export interface EpisodeEnd {
  readonly offenseId: string;
  readonly episode: number;
  readonly ruleId: string;
  readonly entity: string;
  readonly title: string;
  readonly reason: EndReason;
  /** Who ended it: a user name, or `system`. */
  readonly by: string;
  /** Stream position up to which matches belong to the past. */
  readonly position: number;
  readonly timeMs: number;
  readonly text: string;
}

/** Id of the event that reports the end: an episode ends once. */
export function endEventId(offenseId: string, episode: number): string {
  return derivedId('offense.closed', offenseId, episode);
}

/** The event that reports the end. */
export function endEventFields(end: EpisodeEnd): EventFields {
  const [realm = '', user = ''] = end.entity.startsWith('@') ? [] : end.entity.split(/:(.*)/s);
  return {
    ...(user === '' ? {} : { realm, user }),
    actor: end.by,
    offense: end.offenseId,
    message: `${end.title}: episode ${end.episode} ended: ${end.text}`,
    data: {
      ruleId: end.ruleId,
      entity: end.entity,
      episode: end.episode,
      reason: end.reason,
      position: end.position,
    },
  };
}
