import { reachMs, type CountThreshold, type Part, type Threshold } from './firing-rule.ts';

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
  const reach = reachMs(threshold);
  const near = others.filter(
    (entry) =>
      Math.abs(entry.timeMs - added.timeMs) <= reach &&
      !(entry.eventId === added.eventId && entry.label === added.label),
  );
  near.push(added);
  near.sort((left, right) => left.timeMs - right.timeMs || left.position - right.position);
  return isCrossed(threshold, near) ? near : undefined;
}

function isCrossed(threshold: Threshold, sorted: readonly CountedEntry[]): boolean {
  switch (threshold.type) {
    case 'event_count':
    case 'value_count':
      return fullAt(sorted, threshold, thingOf(threshold)).length > 0;
    case 'temporal':
      return fullAt(met(sorted, threshold.parts), threshold, (entry) => entry.label).length > 0;
    case 'temporal_ordered':
      return inOrder(met(sorted, threshold.parts), threshold.timespanMs, threshold.parts);
    default:
      return threshold satisfies never;
  }
}

function thingOf({ type }: CountThreshold): (entry: CountedEntry) => string {
  return type === 'event_count' ? (entry) => entry.eventId : (entry) => entry.value ?? '';
}

/** The entries at which their part is met: all of a plain part, and of a counted one those that make it full. */
function met(sorted: readonly CountedEntry[], parts: readonly Part[]): readonly CountedEntry[] {
  let result = sorted;
  for (const { label, count } of parts) {
    if (count === null) continue;
    const own = sorted.filter((entry) => entry.label === label);
    const full = new Set(fullAt(own, count, thingOf(count)));
    result = result.filter((entry) => entry.label !== label || full.has(entry));
  }
  return result;
}

/** The entries at whose time the window that ends there holds enough different things. */
function fullAt(
  sorted: readonly CountedEntry[],
  { atLeast, timespanMs }: { readonly atLeast: number; readonly timespanMs: number },
  thing: (entry: CountedEntry) => string,
): readonly CountedEntry[] {
  const inside = new Map<string, number>();
  let start = 0;
  let end = 0;
  return sorted.filter(({ timeMs }) => {
    for (let next = sorted[end]; next !== undefined && next.timeMs <= timeMs; next = sorted[end]) {
      inside.set(thing(next), (inside.get(thing(next)) ?? 0) + 1);
      end += 1;
    }
    for (
      let first = sorted[start];
      first !== undefined && timeMs - first.timeMs > timespanMs;
      first = sorted[start]
    ) {
      const left = (inside.get(thing(first)) ?? 0) - 1;
      if (left === 0) inside.delete(thing(first));
      else inside.set(thing(first), left);
      start += 1;
    }
    return inside.size >= atLeast;
  });
}

/**
 * One pass in order of time, at equal times in order of the parts: for each part, the latest beginning from
 * which the parts up to it were met. A later beginning never excludes what an earlier one allows.
 */
function inOrder(sorted: readonly CountedEntry[], timespanMs: number, parts: readonly Part[]): boolean {
  const placeOf = new Map(parts.map(({ label }, index) => [label, index]));
  const latestBegin: number[] = [];
  const inTurn = sorted.toSorted(
    (left, right) =>
      left.timeMs - right.timeMs || (placeOf.get(left.label) ?? 0) - (placeOf.get(right.label) ?? 0),
  );
  return inTurn.some(({ timeMs, label }) => {
    const place = placeOf.get(label) ?? 0;
    const begin = place === 0 ? timeMs : latestBegin[place - 1];
    if (begin === undefined) return false;
    latestBegin[place] = Math.max(begin, latestBegin[place] ?? begin);
    return place === parts.length - 1 && timeMs - begin <= timespanMs;
  });
}
