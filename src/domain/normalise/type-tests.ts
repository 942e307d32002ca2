import type { EventRecord } from '#contract/event.ts';
import type { JsonValue } from '#lib/json.ts';
import type { CompiledType } from './compile-type.ts';
import { LogSourceTypes } from './log-source-types.ts';
import { createNormaliser } from './normaliser.ts';
import { writtenLine } from '../syslog/written-line.ts';
import { readLine } from './read-line.ts';

/** What came of one test of a type file. */
export interface TypeTestResult {
  readonly type: string;
  readonly test: string;
  readonly passed: boolean;
  /** What was not as expected, one line each. */
  readonly failures: readonly string[];
}

/** Lines of tests arrive at this moment: the end of 2024, so that dates without a year are of 2024. */
const RECEIVED_AT_MS = Date.UTC(2024, 11, 31);
const ORIGIN = { source: 'test', realm: 'test', intake: { confirmed: false, transport: 'file' } } as const;

/** Lines of one test are few. */
const REMEMBERED = 1000;

/** Runs the tests of a type, each with the type alone and a memory of its own. */
export function runTypeTests(type: CompiledType): readonly TypeTestResult[] {
  const types = new LogSourceTypes([type]);
  return type.definition.tests.map((test) => {
    const lines = test.lines.map((text) => writtenLine(text, RECEIVED_AT_MS));
    const failures: string[] = [];
    if (test.matches === false) {
      for (const line of lines)
        if (readLine(types, line, ORIGIN).type !== undefined)
          failures.push(`takes ${line.raw.slice(0, 200)}`);
    } else if (test.events === undefined) failures.push('the test says neither events nor matches: false');
    else {
      const normalise = createNormaliser({ types: () => types, newId: () => 'id', remembered: REMEMBERED });
      const events = lines.flatMap((line) => normalise(line, ORIGIN));
      failures.push(...compareEvents(events, test.events));
    }
    return { type: type.definition.name, test: test.name, passed: failures.length === 0, failures };
  });
}

function compareEvents(
  events: readonly EventRecord[],
  expected: readonly Readonly<Record<string, JsonValue>>[],
): readonly string[] {
  const failures: string[] = [];
  if (events.length !== expected.length)
    failures.push(`${expected.length} events expected, ${events.length} came`);
  for (const [index, fields] of expected.entries()) {
    const event = events[index];
    if (event === undefined) break;
    for (const [field, wanted] of Object.entries(fields)) {
      const actual = fieldOf(event, field);
      const [left, right] = [JSON.stringify(actual), JSON.stringify(wanted)];
      if (left !== right) failures.push(`event ${index + 1}: ${field} is ${left}, not ${right}`);
    }
  }
  return failures;
}

/** A field by its dotted name; null when it is not there. */
function fieldOf(event: EventRecord, name: string): JsonValue {
  let value: unknown = event;
  for (const key of name.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value === undefined ? null : (value as JsonValue);
}
