import { PortcullisError } from '#contract/errors.ts';
import { MAX_LATE_MS } from '#domain/detection/event-time.ts';
import { reachMs, type FiringRule } from '#domain/detection/firing-rule.ts';
import { formatDuration } from '#lib/time.ts';

/**
 * Refuses rules that look back further than the journal keeps: they would still fire, but the events that an
 * offense rests on would be gone before it opens. Rules that are off open none. Nor may the journal forget an
 * event that would still count if its source sent it again: it is what knows that it is there already. Throws
 * E_CONFIG.
 */
export function requireEvidenceOutlasts(rules: Iterable<FiringRule>, journalMs: number): void {
  const problems = [...rules]
    .filter((rule) => rule.mode !== 'off' && reachMs(rule.threshold) > journalMs)
    .map(({ title, place, threshold }) => ({
      path: 'retention.journal',
      message: `is ${formatDuration(journalMs)}, but the rule "${title}" (${place}) counts over ${formatDuration(reachMs(threshold))}: set at least ${formatDuration(reachMs(threshold))}, or shorten the timespan of the rule`,
    }));
  if (journalMs < MAX_LATE_MS)
    problems.push({
      path: 'retention.journal',
      message: `is ${formatDuration(journalMs)}, but events count up to ${formatDuration(MAX_LATE_MS)} late, and one that is sent twice must be recognised for as long: set at least ${formatDuration(MAX_LATE_MS)}`,
    });
  if (problems.length === 0) return;
  throw new PortcullisError('E_CONFIG', 'The journal is kept for less time than detection looks back.', {
    problems,
  });
}
