import { isEventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import { parseDuration } from '#lib/time.ts';
import type { FiringRule } from '../detection/firing-rule.ts';
import { ruleError } from '../detection/rule-error.ts';
import type { RuleSet } from '../detection/rule-set.ts';
import type { RuleTest } from '../detection/sigma-schema.ts';
import { rehearse, type RehearsalStep } from './rehearse.ts';

/** Tests in rule files begin at this time: 2026-01-01T00:00:00Z. */
const START_MS = 1_767_225_600_000;
const QUIET_MS = 24 * 3_600_000;

export interface RuleTestResult {
  readonly rule: FiringRule;
  readonly test: string;
  /** Entities with episode, as `gateway:alice#1`. */
  readonly expected: readonly string[];
  readonly fired: readonly string[];
  readonly passed: boolean;
}

/** Runs the tests that stand in the rule's own file. */
export function runRuleTests(rules: RuleSet, rule: FiringRule): readonly RuleTestResult[] {
  return rule.tests.map((test) => {
    const expected = test.fires
      .map((fire) => (typeof fire === 'string' ? `${fire}#1` : `${fire.entity}#${fire.episode}`))
      .sort();
    const fired = rehearse(rules, stepsOf(test, rule.place), QUIET_MS)
      .filter((fire) => fire.ruleId === rule.id)
      .map((fire) => `${fire.entity}#${fire.episode}`)
      .sort();
    const passed = JSON.stringify(expected) === JSON.stringify(fired);
    return { rule, test: test.name, expected, fired, passed };
  });
}

function stepsOf(test: RuleTest, place: string): readonly RehearsalStep[] {
  return test.steps.map((step, index) => {
    const position = index + 1;
    const timeMs = START_MS + (parseDuration(step.at) ?? 0);
    if ('close' in step && typeof step.close === 'string') return { position, close: step.close };
    return { position, event: eventOf(step, timeMs, derivedId('rule-test', test.name, index), place) };
  });
}

function eventOf(
  step: Readonly<Record<string, unknown>>,
  timeMs: number,
  id: string,
  place: string,
): EventRecord {
  const { at: _at, type, ...fields } = step;
  if (typeof type !== 'string' || !isEventType(type))
    throw ruleError(place, `a test has the event type "${String(type)}", which the catalogue does not know`);
  return makeEvent(type, id, timeMs, fields);
}
