import { formatDuration } from '#lib/time.ts';
import type { CountThreshold, Part, Threshold } from './firing-rule.ts';
import type { RuleSet } from './rule-set.ts';

/** When a rule fires, in words: `3 events within 24h`. */
export function describeThreshold(threshold: Threshold, rules: RuleSet): string {
  switch (threshold.type) {
    case 'event_count':
    case 'value_count':
      return describeCount(threshold, rules);
    case 'temporal': {
      const { parts, atLeast, timespanMs } = threshold;
      const list = parts.map((part) => describePart(part, rules)).join(', ');
      const wanted = atLeast === parts.length ? 'all' : String(atLeast);
      return `${wanted} of ${list} within ${formatDuration(timespanMs)}, in any order`;
    }
    case 'temporal_ordered': {
      const list = threshold.parts.map((part) => describePart(part, rules)).join(', then ');
      return `${list}, within ${formatDuration(threshold.timespanMs)}`;
    }
    default:
      return threshold satisfies never;
  }
}

function describeCount(count: CountThreshold, { fields }: RuleSet): string {
  const { type, atLeast, timespanMs } = count;
  if (type === 'event_count' && atLeast === 1) return 'each match';
  const things =
    type === 'event_count' ? `${atLeast} events` : `${atLeast} values of ${fields.nameOf(count.fieldSlot)}`;
  return `${things} within ${formatDuration(timespanMs)}`;
}

function describePart({ label, count }: Part, rules: RuleSet): string {
  const name = nameOfRule(label, rules);
  return count === null ? name : `${name} (${describeCount(count, rules)})`;
}

/** The name that people use for a rule: its `name` when it has one. */
export function nameOfRule(id: string, { names }: RuleSet): string {
  for (const [name, of] of names) if (of === id && name !== id) return name;
  return id;
}
