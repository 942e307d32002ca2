import type { FieldTable } from './event-view.ts';
import type { CountThreshold, KeyPart, Part, Threshold } from './firing-rule.ts';
import { compileKey } from './grouping.ts';
import { ruleError, unsupported } from './rule-error.ts';
import type { RuleDocument } from './rule-file.ts';
import { findRule, idOfDocument, type RuleIndex } from './rule-index.ts';
import { compileThreshold } from './threshold.ts';

export type CorrelationPart = Extract<RuleDocument, { readonly kind: 'correlation' }>;

export interface CompiledCorrelation {
  readonly key: readonly KeyPart[];
  readonly threshold: Threshold;
  /** Whose matches it counts, and under which label. */
  readonly feeds: readonly Feed[];
  /** Ids of the rules it names, detections and correlations. */
  readonly named: readonly string[];
}

export interface Feed {
  readonly detection: string;
  readonly label: string;
}

/**
 * Compiles a correlation. A temporal one may name counting correlations among its rules: such a part is met by
 * the match that makes its count full. So "many failures, then a success" stays exact for every order of arrival.
 */
export function compileCorrelation(
  { place, document }: CorrelationPart,
  index: RuleIndex,
  fields: FieldTable,
): CompiledCorrelation {
  const { correlation } = document;
  const named = correlation.rules.map((name) => findRule(index, name, place));
  const labels = named.map(idOfDocument);
  if (new Set(labels).size !== labels.length) throw ruleError(place, 'a rule is named twice');
  const key = compileKey(correlation, (name) => idOfDocument(findRule(index, name, place)), fields, place);
  const feeds: Feed[] = [];
  const parts = named.map((rule): Part => {
    const label = idOfDocument(rule);
    if (rule.kind === 'detection') {
      feeds.push({ detection: label, label });
      return { label, count: null };
    }
    const inner = compileInner(rule, index, fields, place);
    requireSameGroups(key, label, inner.key, place);
    feeds.push(...inner.feeds.map(({ detection }) => ({ detection, label })));
    return { label, count: inner.threshold };
  });
  return { key, threshold: compileThreshold(correlation, parts, fields, place), feeds, named: labels };
}

function compileInner(
  rule: CorrelationPart,
  index: RuleIndex,
  fields: FieldTable,
  place: string,
): CompiledCorrelation & { readonly threshold: CountThreshold } {
  const name = rule.document.name ?? idOfDocument(rule);
  const { type, aliases, rules } = rule.document.correlation;
  const isCount = type === 'event_count' || type === 'value_count';
  if (!isCount || rules.some((one) => findRule(index, one, rule.place).kind === 'correlation'))
    throw unsupported(
      place,
      `the correlation "${name}" as a part of another`,
      'parts can be detections, and event_count or value_count correlations of detections',
    );
  if (Object.keys(aliases).length > 0)
    throw unsupported(
      place,
      `the correlation "${name}", which has aliases, as a part of another`,
      'put the aliases into this one',
    );
  const inner = compileCorrelation(rule, index, fields);
  const { threshold } = inner;
  if (threshold.type !== 'event_count' && threshold.type !== 'value_count')
    throw ruleError(place, `"${name}" does not count`);
  return { ...inner, threshold };
}

/** Counting within groups of one kind says nothing about groups of another. */
function requireSameGroups(
  outer: readonly KeyPart[],
  label: string,
  inner: readonly KeyPart[],
  place: string,
): void {
  const wanted = outer.map((part) => part.slotFor(label));
  const given = inner.map((part) => part.slotFor(label));
  if (wanted.length !== given.length || wanted.some((slot, index) => slot !== given[index]))
    throw unsupported(
      place,
      `a part that is grouped by ${inner.map(({ name }) => name).join(', ')}`,
      'group both by the same fields, in the same order',
    );
}
