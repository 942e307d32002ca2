import type { CountThreshold, Threshold } from './firing-rule.ts';
import type { CountedEntry } from './window.ts';

/**
 * Which entries, the new one perhaps among them, can never decide anything once the new one is there. What a key
 * holds stays bounded by its thresholds, however fast matches come, and no crossing changes
 * (`thinning.test.ts`). Each may be dropped: they never stand for one another.
 */
export function superfluous(
  threshold: Threshold,
  others: readonly CountedEntry[],
  added: CountedEntry,
): readonly CountedEntry[] {
  switch (threshold.type) {
    case 'event_count':
      return [];
    case 'value_count':
      return between(
        others.filter((entry) => entry.value === added.value),
        added,
        threshold.timespanMs,
      );
    case 'temporal':
    case 'temporal_ordered': {
      const alike = others.filter((entry) => entry.label === added.label);
      const count = threshold.parts.find((part) => part.label === added.label)?.count ?? null;
      // Of three parts in order, one in the middle can be the only one that fits between its neighbours.
      const spanMs =
        threshold.type === 'temporal_ordered' && threshold.parts.length > 2 ? -1 : threshold.timespanMs;
      if (count === null) return between(alike, added, spanMs);
      return count.type === 'event_count' ? amongMany(alike, added, count, spanMs) : [];
    }
    default:
      return threshold satisfies never;
  }
}

const HELD_BEYOND = 10_000;

/** More entries than this of one key within reach are a flood of which the oldest may go. */
export function mostHeld(threshold: Threshold): number {
  if (threshold.type === 'event_count' || threshold.type === 'value_count')
    return threshold.atLeast + HELD_BEYOND;
  return threshold.parts.reduce((sum, { count }) => sum + (count?.atLeast ?? 1), HELD_BEYOND);
}

function inOrder(alike: readonly CountedEntry[], added: CountedEntry): readonly CountedEntry[] {
  return [...alike, added].sort(
    (left, right) => left.timeMs - right.timeMs || left.position - right.position,
  );
}

/**
 * Of entries that mean the same, one between two others not further apart than the window: every window that
 * holds it holds a neighbour too. (Of two parts in order: who comes before it is served by the earlier neighbour
 * or by the later one, and so is who comes behind it.)
 */
function between(
  alike: readonly CountedEntry[],
  added: CountedEntry,
  timespanMs: number,
): readonly CountedEntry[] {
  if (alike.some((entry) => entry.timeMs === added.timeMs)) return [added];
  const sorted = inOrder(alike, added);
  const at = sorted.indexOf(added);
  const isBetween = (index: number): boolean => spanAround(sorted, index, 1) <= timespanMs;
  if (isBetween(at)) return [added];
  return [at - 1, at + 1].flatMap((index) => (isBetween(index) ? (sorted[index] ?? []) : []));
}

/**
 * Of events that a part counts, one with so many on each side, all within one window, that every window that
 * holds it is full without it; its neighbours then meet the part as well as it does.
 */
function amongMany(
  alike: readonly CountedEntry[],
  added: CountedEntry,
  { atLeast, timespanMs }: CountThreshold,
  outerMs: number,
): readonly CountedEntry[] {
  const sorted = inOrder(alike, added);
  const at = sorted.indexOf(added);
  for (let index = at - atLeast; index <= at + atLeast; index++) {
    const entry = sorted[index];
    if (entry === undefined) continue;
    // One at most: the next might have counted on it.
    if (spanAround(sorted, index, atLeast) <= timespanMs && spanAround(sorted, index, 1) <= outerMs)
      return [entry];
  }
  return [];
}

/** How much time lies between the so-manieth entry before one and the so-manieth behind it. */
function spanAround(sorted: readonly CountedEntry[], index: number, distance: number): number {
  const before = sorted[index - distance];
  const behind = sorted[index + distance];
  return before === undefined || behind === undefined
    ? Number.POSITIVE_INFINITY
    : behind.timeMs - before.timeMs;
}
