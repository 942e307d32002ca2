import { expect, test } from 'vitest';
import { isPortcullisError } from '#contract/errors.ts';
import type { FiringRule } from '#domain/detection/firing-rule.ts';
import { buildRuleSet } from '#domain/detection/rule-set.ts';
import { requireEvidenceOutlasts } from './evidence-window.ts';

const HOUR_MS = 3_600_000;

function rules(timespan: string, mode = 'auto'): Iterable<FiringRule> {
  const text = `title: Base\nname: base\nlogsource: {product: portcullis, category: command}\ndetection:\n  s: {type: command.denied}\n  condition: s\n---\ntitle: Slow guessing\nname: slow\ncorrelation:\n  type: event_count\n  rules: [base]\n  group-by: [user]\n  timespan: ${timespan}\n  condition: {gte: 3}\nportcullis: {entity: user, mode: ${mode}}\n`;
  return buildRuleSet([{ path: 'slow.yml', text }]).rules.values();
}

test('a rule that looks back further than the journal keeps is refused, by name, timespan and key', () => {
  let refusal: unknown;
  try {
    requireEvidenceOutlasts(rules('30d'), 168 * HOUR_MS);
  } catch (error) {
    refusal = error;
  }
  expect(isPortcullisError(refusal) ? refusal : undefined).toMatchObject({
    code: 'E_CONFIG',
    problems: [{ path: 'retention.journal' }],
  });
  const [problem] = isPortcullisError(refusal) ? refusal.problems : [];
  expect(problem?.message).toMatch(/is 7d, .*"Slow guessing" \(slow\.yml.*over 30d: set at least 30d/);
});

test('what fits, and what is off, is accepted', () => {
  expect(() => requireEvidenceOutlasts(rules('7d'), 168 * HOUR_MS)).not.toThrow();
  expect(() => requireEvidenceOutlasts(rules('30d', 'off'), 168 * HOUR_MS)).not.toThrow();
});

test('an event that is sent again while it would still count must be recognised', () => {
  expect(() => requireEvidenceOutlasts([], 24 * HOUR_MS)).not.toThrow();
  expect(() => requireEvidenceOutlasts([], 24 * HOUR_MS - 1)).toThrow(
    expect.objectContaining({
      code: 'E_CONFIG',
      problems: [expect.objectContaining({ message: expect.stringContaining('sent twice') as string })],
    }),
  );
});
