import { PortcullisError } from '#contract/errors.ts';
import { reachMs, type FiringRule } from '#domain/detection/firing-rule.ts';
import { formatDuration } from '#lib/time.ts';

/**
 * Refuses rules that look back further than the journal keeps: they would still fire, but the events that an
 * offense rests on would be gone before it opens. Rules that are off open none. Throws E_CONFIG.
 */
export function requireEvidenceOutlasts(rules: Iterable<FiringRule>, journalMs: number): void {
  const problems = [...rules]
    .filter((rule) => rule.mode !== 'off' && reachMs(rule.threshold) > journalMs)
    .map(({ title, place, threshold }) => ({
      path: 'retention.journal',
      message: `is ${formatDuration(journalMs)}, but the rule "${title}" (${place}) counts over ${formatDuration(reachMs(threshold))}: set at least ${formatDuration(reachMs(threshold))}, or shorten the timespan of the rule`,
    }));
  if (problems.length === 0) return;
  throw new PortcullisError(
    'E_CONFIG',
    'The journal is kept for less time than a detection rule looks back, so offenses would lack evidence.',
    { problems },
  );
}
