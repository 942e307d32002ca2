import type { Threshold } from './firing-rule.ts';

/** One counted match of a key. */
export interface CountedEntry {
  readonly eventId: string;
  readonly position: number;
  readonly timeMs: number;
  readonly label: string;
  readonly value: string | null;
}

/**
 * Whether a new entry makes its key cross, given the others that still count. Windows lie anywhere on event
 * time, both bounds included. Only windows around the new entry are looked at: any other was looked at when
 * its own last entry came, so the answer is the same for every order of arrival.
 * @returns the entries of the crossing in order of time, or undefined
 */
export function crossing(
  threshold: Threshold,
  others: readonly CountedEntry[],
  added: CountedEntry,
): readonly CountedEntry[] | undefined {
  const { timespanMs } = threshold;
  const near = others.filter(
    (entry) =>
      Math.abs(entry.timeMs - added.timeMs) <= timespanMs &&
      !(entry.eventId === added.eventId && entry.label === added.label),
  );
  near.push(added);
  near.sort((left, right) => left.timeMs - right.timeMs || left.position - right.position);
  return satisfied(threshold, near) ? near : undefined;
}

function satisfied(threshold: Threshold, sorted: readonly CountedEntry[]): boolean {
  switch (threshold.type) {
    case 'event_count':
      return countsReach(sorted, threshold.timespanMs, threshold.atLeast, (entry) => entry.eventId);
    case 'value_count':
      return countsReach(sorted, threshold.timespanMs, threshold.atLeast, (entry) => entry.value ?? '');
    case 'temporal':
      return countsReach(sorted, threshold.timespanMs, threshold.labels.length, (entry) => entry.label);
    case 'temporal_ordered':
      return inOrder(sorted, threshold.timespanMs, threshold.labels);
    default:
      return threshold satisfies never;
  }
}

/** Slides a window over the entries and counts how many different things stand in it. */
function countsReach(
  sorted: readonly CountedEntry[],
  timespanMs: number,
  atLeast: number,
  thing: (entry: CountedEntry) => string,
): boolean {
  const inside = new Map<string, number>();
  let start = 0;
  for (const entry of sorted) {
    inside.set(thing(entry), (inside.get(thing(entry)) ?? 0) + 1);
    for (
      let first = sorted[start];
      first !== undefined && entry.timeMs - first.timeMs > timespanMs;
      first = sorted[start]
    ) {
      const left = (inside.get(thing(first)) ?? 0) - 1;
      if (left === 0) inside.delete(thing(first));
      else inside.set(thing(first), left);
      start += 1;
    }
    if (inside.size >= atLeast) return true;
  }
  return false;
}

/** From each possible beginning, takes the earliest next step: no other choice can end sooner. */
function inOrder(sorted: readonly CountedEntry[], timespanMs: number, labels: readonly string[]): boolean {
  return sorted.some((begin) => {
    if (begin.label !== labels[0]) return false;
    let at = begin.timeMs;
    for (const label of labels.slice(1)) {
      const next = sorted.find((entry) => entry.label === label && entry.timeMs >= at);
      if (next === undefined) return false;
      at = next.timeMs;
    }
    return at - begin.timeMs <= timespanMs;
  });
}

/**
 * Of a value or label with many entries, those between two others of the same kind not further apart than the
 * window can never decide anything: every window that holds one holds a neighbour too.
 */
export function isRedundant(
  threshold: Threshold,
  others: readonly CountedEntry[],
  added: CountedEntry,
): boolean {
  if (threshold.type === 'event_count' || threshold.type === 'temporal_ordered') return false;
  let before = Number.NEGATIVE_INFINITY;
  let after = Number.POSITIVE_INFINITY;
  for (const entry of others) {
    if (entry.label !== added.label || entry.value !== added.value) continue;
    if (entry.timeMs <= added.timeMs) before = Math.max(before, entry.timeMs);
    if (entry.timeMs >= added.timeMs) after = Math.min(after, entry.timeMs);
  }
  return after - before <= threshold.timespanMs;
}
