import { isHistory } from '#contract/event-origin.ts';
import type { EventRecord } from '#contract/event.ts';

/** A device clock this far ahead of ours is not believed. */
export const MAX_AHEAD_MS = 5_000;
/** An event that reaches us this long after it happened is kept for history and counts for nothing. */
export const MAX_LATE_MS = 24 * 3_600_000;

/**
 * The time at which an event counts: when it happened, or when it reached us if its clock runs ahead.
 * Undefined when it is too late to count, and for imported history. Depends on the event alone, so order of arrival changes nothing.
 */
export function effectiveTime(event: EventRecord): number | undefined {
  if (isHistory(event)) return undefined;
  if (event.time > event.seen + MAX_AHEAD_MS) return event.seen;
  return event.time < event.seen - MAX_LATE_MS ? undefined : event.time;
}
