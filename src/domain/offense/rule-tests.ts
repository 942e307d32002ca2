import { isEventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import { parseDuration } from '#lib/time.ts';
import type { FiringRule } from '../detection/firing-rule.ts';
import { RECORD_FIELD_NAMES } from '../detection/field-names.ts';
import { ruleError } from '../detection/rule-error.ts';
import type { RuleSet } from '../detection/rule-set.ts';
import type { RuleTest } from '../detection/sigma-schema.ts';
import { narrate } from './narrate.ts';
import { rehearse, type RehearsalStep } from './rehearse.ts';

/** Tests in rule files begin at this time: Thursday, 2026-01-01T00:00:00Z. */
const START_MS = 1_767_225_600_000;
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
    const fired = rehearse(rules, steps, QUIET_MS)
      .filter((fire) => fire.ruleId === rule.id)
      .map((fire) => `${fire.entity}#${fire.episode}`)
      .sort();
    const passed = JSON.stringify(expected) === JSON.stringify(fired);
    const story = passed
      ? []
      : narrate(rules, rule, steps, QUIET_MS).map((line, index) => {
          return `${test.steps[index]?.at ?? ''} ${line}`;
        });
    return { rule, test: test.name, expected, fired, passed, story };
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
  const { at: _at, type, seen, ...fields } = step;
  if (typeof type !== 'string' || !isEventType(type))
    throw ruleError(place, `a test has the event type "${String(type)}", which the catalogue does not know`);
  for (const name of Object.keys(fields))
    if (name !== 'data' && !RECORD_FIELD_NAMES.includes(name))
      throw ruleError(place, `a test has the field "${name}", which no event has`);
  return makeEvent(type, id, timeMs, {
    ...fields,
    ...(seen === undefined ? {} : { seen: readSeen(seen, place) }),
  });
}

/** When the event reached us, where that is another time than it tells. */
function readSeen(seen: unknown, place: string): number {
  const afterMs = typeof seen === 'string' ? parseDuration(seen) : undefined;
  if (afterMs === undefined)
    throw ruleError(place, 'in a test "seen" must be a duration since its start, e.g. 25h');
  return START_MS + afterMs;
}
