import { isEventType } from '#contract/event-catalogue.ts';
import { makeEvent, type EventRecord } from '#contract/event.ts';
import { derivedId } from '#lib/ids.ts';
import { parseDuration } from '#lib/time.ts';
import { RECORD_FIELD_NAMES } from '../detection/field-names.ts';
import { ruleError } from '../detection/rule-error.ts';
import type { RuleTest } from '../detection/sigma-schema.ts';
import type { RehearsalStep } from './rehearse.ts';

/** Tests in rule files begin at this time: Thursday, 2026-01-01T00:00:00Z. */
const START_MS = 1_767_225_600_000;

export interface TimedStep {
  /** Since the start of the test. */
  readonly atMs: number;
  readonly step: RehearsalStep;
}

/** The steps of a test in a rule file, with those that repeat written out. */
export function stepsOf(test: RuleTest, place: string): readonly TimedStep[] {
  const written = test.steps.flatMap(writtenOut);
  return written.map(({ atMs, step }, index): TimedStep => {
    const position = index + 1;
    if ('close' in step) return { atMs, step: { position, close: step.close } };
    const id = derivedId('rule-test', test.name, index);
    return { atMs, step: { position, event: eventOf(step, START_MS + atMs, id, place) } };
  });
}

type WrittenStep = { readonly close: string } | { readonly type: string };

interface TimedWriting {
  readonly atMs: number;
  readonly step: WrittenStep;
}

function writtenOut(step: RuleTest['steps'][number]): readonly TimedWriting[] {
  const atMs = parseDuration(step.at) ?? 0;
  if (isClose(step)) return [{ atMs, step: { close: step.close } }];
  const { at: _at, repeat, every, ...event } = step;
  if (repeat === undefined) return [{ atMs, step: event }];
  const everyMs = parseDuration(every ?? '0s') ?? 0;
  return Array.from({ length: repeat }, (_unused, index) => ({
    atMs: atMs + index * everyMs,
    step: JSON.parse(JSON.stringify(event).replaceAll('{n}', String(index + 1))) as WrittenStep,
  }));
}

type Step = RuleTest['steps'][number];

function isClose(step: Step): step is Extract<Step, { readonly close: string }> {
  return 'close' in step && typeof step.close === 'string' && !('type' in step);
}

function eventOf(
  step: { readonly type: string; readonly seen?: unknown },
  timeMs: number,
  id: string,
  place: string,
): EventRecord {
  const { type, seen, ...fields } = step;
  if (!isEventType(type))
    throw ruleError(place, `a test has the event type "${type}", which the catalogue does not know`);
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
