import type { Threshold } from '../detection/firing-rule.ts';
import { superfluous } from '../detection/thinning.ts';
import { crossing, type CountedEntry } from '../detection/window.ts';

/** The latest episode of an offense. Positions are places in the event stream. */
export interface EpisodeFacts {
  readonly episode: number;
  readonly openedPosition: number;
  /** Null while it is open. */
  readonly endPosition: number | null;
  /** Where the episode before it ended; 0 when it is the first. */
  readonly previousEndPosition: number;
}

/** What one rule knows about one key. */
export interface KeyFacts {
  /** Position of the entry with which the rule last fired for this key. */
  readonly firedPosition: number | null;
  readonly entries: readonly CountedEntry[];
}

/** What follows from one more match. */
export interface Advance {
  /** The entry must be kept, because later ones may cross together with it. */
  readonly keep: boolean;
  /** Entries that were kept and are not needed any more, because this one is there. */
  readonly drop: readonly CountedEntry[];
  /** The episode whose evidence the event is; null when none is open. */
  readonly attachTo: number | null;
  readonly fire: FireDecision | null;
}

export interface FireDecision {
  readonly episode: number;
  /** True when the fire opens the episode; false when another rule of the family had opened it. */
  readonly opens: boolean;
  /** False when the episode had ended before the match was read: recorded, and nothing more is done. */
  readonly responds: boolean;
  readonly evidence: readonly CountedEntry[];
}

/**
 * The heart of the offense life cycle. Entries come in stream order. An entry at or before the end of an
 * episode never counts for a later one, and one behind it never counts for the earlier; so whoever offends
 * right after the end opens the next episode. A rule fires once for a key in an episode.
 */
export function advance(
  threshold: Threshold,
  latest: EpisodeFacts | null,
  key: KeyFacts,
  entry: CountedEntry,
): Advance {
  const covering = latest !== null && covers(latest, entry.position) ? latest : null;
  if (covering !== null && key.firedPosition !== null && key.firedPosition >= covering.openedPosition)
    return { keep: false, drop: [], attachTo: covering.episode, fire: null };

  const cut = covering === null ? (latest?.endPosition ?? 0) : covering.previousEndPosition;
  const counting = key.entries.filter((other) => other.position > cut);
  const evidence = crossing(threshold, counting, entry);
  if (evidence === undefined) {
    const idle = superfluous(threshold, counting, entry);
    return {
      keep: !idle.includes(entry),
      drop: idle.filter((one) => one !== entry),
      attachTo: covering?.episode ?? null,
      fire: null,
    };
  }
  const episode = covering?.episode ?? (latest?.episode ?? 0) + 1;
  return {
    keep: false,
    drop: [],
    attachTo: episode,
    fire: {
      episode,
      opens: covering === null,
      responds: covering === null || covering.endPosition === null,
      evidence,
    },
  };
}

function covers(episode: EpisodeFacts, position: number): boolean {
  return (
    position >= episode.openedPosition && (episode.endPosition === null || position <= episode.endPosition)
  );
}

/** After the given time without an event an episode is over, if nothing contains its entity any more. */
export function isQuiet(lastEventMs: number, nowMs: number, quietMs: number, contained: boolean): boolean {
  return !contained && nowMs - lastEventMs >= quietMs;
}
