import { describeThreshold, nameOfRule } from '../detection/describe-threshold.ts';
import { explainDetection, firstMismatch } from '../detection/explain.ts';
import type { FiringRule } from '../detection/firing-rule.ts';
import type { MatchRecord } from '../detection/match-record.ts';
import type { RuleSet } from '../detection/rule-set.ts';
import type { Advance } from './advance.ts';
import { rehearse, type RehearsalStep } from './rehearse.ts';

/** What a rule made of each step, in one line each: for a test that failed. */
export function narrate(
  rules: RuleSet,
  rule: FiringRule,
  steps: readonly RehearsalStep[],
  quietMs: number,
): readonly string[] {
  const told = new Map<RehearsalStep, string[]>();
  const wanted = describeThreshold(rule.threshold, rules);
  rehearse(rules, steps, quietMs, (step, record, next, held) => {
    if (record.rule.id !== rule.id) return;
    const line = `${outcome(record, next, held)} (wanted: ${wanted})`;
    told.set(step, [...(told.get(step) ?? []), line]);
  });
  return steps.map((step) => {
    if ('close' in step) return `close ${step.close}`;
    const lines = told.get(step) ?? [whyNot(rules, rule, step)];
    return `${step.event.type}: ${lines.join('; ')}`;
  });
}

function outcome({ key, entity, value }: MatchRecord, next: Advance, held: number): string {
  if (next.fire !== null) return `fired for ${entity}, episode ${next.fire.episode}`;
  if (next.attachTo !== null) return `belongs to episode ${next.attachTo} of ${entity}`;
  const what = value === null ? '' : ` with the value "${value}"`;
  if (!next.keep) return `adds nothing new for ${key}${what}`;
  return `counted for ${key}${what}, beside ${held} before it`;
}

function whyNot(
  rules: RuleSet,
  rule: FiringRule,
  { event }: Extract<RehearsalStep, { readonly event: unknown }>,
): string {
  const reasons = rules.detections
    .filter(({ id }) => rule.detections.includes(id))
    .map((detection) => {
      const explanation = explainDetection(detection, event, rules);
      const mismatch = firstMismatch(explanation);
      const record = explanation.records.find((one) => one.rule === rule.id && 'reason' in one);
      const reason = record !== undefined && 'reason' in record ? record.reason : 'it came before';
      return `${nameOfRule(detection.id, rules)}: ${mismatch ?? reason}`;
    });
  return `not counted: ${reasons.join('; ')}`;
}
