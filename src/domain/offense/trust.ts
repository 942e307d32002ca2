import type { EventRecord } from '#contract/event.ts';
import type { RuleMode } from '../detection/firing-rule.ts';

export type ActionMode = 'shadow' | 'approve' | 'auto';

/** Our own gateway authenticated who it speaks of. Other sources are data until an administrator confirms them. */
export function isTrusted(event: EventRecord): boolean {
  return event.source === 'gateway';
}

/** How the response runs: never by itself on the word of a source that is not confirmed. */
export function responseMode(mode: RuleMode, evidence: readonly EventRecord[]): ActionMode {
  return mode === 'off' || !evidence.every((event) => isTrusted(event)) ? 'shadow' : mode;
}
