import type { RuleMode } from '../detection/sigma-schema.ts';

export type ActionMode = 'shadow' | 'approve' | 'auto';

/** How the response to a crossing runs: never by itself on the word of a source that is not confirmed. */
export function responseMode(mode: RuleMode, trusted: boolean): ActionMode {
  return mode === 'off' || !trusted ? 'shadow' : mode;
}
