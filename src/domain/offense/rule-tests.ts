import { formatDuration } from '#lib/time.ts';
import type { FiringRule } from '../detection/firing-rule.ts';
import type { RuleSet } from '../detection/rule-set.ts';
import { narrate } from './narrate.ts';
import { rehearse } from './rehearse.ts';
import { stepsOf } from './test-steps.ts';

const QUIET_MS = 24 * 3_600_000;

export interface RuleTestResult {
  readonly rule: FiringRule;
  readonly test: string;
  /** Entities with episode, as `gateway:alice#1`. */
  readonly expected: readonly string[];
  readonly fired: readonly string[];
  readonly passed: boolean;
  /** What became of each step; empty for a test that passed. */
  readonly story: readonly string[];
}

/** Runs the tests that stand in the rule's own file, as if the rule were on. */
export function runRuleTests(rules: RuleSet, rule: FiringRule): readonly RuleTestResult[] {
  return rule.tests.map((test) => {
    const expected = test.fires
      .map((fire) => (typeof fire === 'string' ? `${fire}#1` : `${fire.entity}#${fire.episode}`))
      .sort();
    const steps = stepsOf(test, rule.place);
    const rehearsal = steps.map(({ step }) => step);
    const fired = rehearse(rules, rehearsal, QUIET_MS)
      .filter((fire) => fire.ruleId === rule.id)
      .map((fire) => `${fire.entity}#${fire.episode}`)
      .sort();
    const passed = JSON.stringify(expected) === JSON.stringify(fired);
    const story = passed ? [] : narrate(rules, rule, rehearsal, QUIET_MS);
    const told = story.map((line, index) => `${formatDuration(steps[index]?.atMs ?? 0)} ${line}`);
    return { rule, test: test.name, expected, fired, passed, story: told };
  });
}
