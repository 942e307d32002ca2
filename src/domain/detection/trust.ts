import type { EventRecord } from '#contract/event.ts';
import { isHistory, originOf } from '#contract/event-origin.ts';

/**
 * Our own gateway authenticated who it speaks of. Other sources are data until an administrator confirms
 * them: their events are counted apart, so a forged line can neither bring about a response nor stand in the
 * way of one.
 */
export function isTrusted(event: EventRecord): boolean {
  return event.source === 'gateway' || (originOf(event)?.confirmed === true && !isHistory(event));
}
