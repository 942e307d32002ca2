import type { EventRecord } from '#contract/event.ts';
import type { JsonValue } from '#lib/json.ts';
import { fieldProblem } from './build-event.ts';
import { describeMisfit, eventMisfit, takes, unwrap } from './choose-event.ts';
import type { CompiledEvent, CompiledProperty } from './compile-type.ts';
import { traceExpression } from './expression.ts';
import type { SyslogMessage } from '../syslog/message.ts';
import type { LineOrigin } from './line-origin.ts';
import { LineView } from './line-view.ts';
import type { LogSourceTypes } from './log-source-types.ts';
import { eventsOf } from './normaliser.ts';
import { readLine } from './read-line.ts';

export interface ExpressionExplanation {
  readonly expression: string;
  /** hit: it gave the value. miss: nothing there. refused: there, but not usable. unused: an earlier one had hit. */
  readonly result: 'hit' | 'miss' | 'refused' | 'unused';
  readonly found: JsonValue;
  readonly value: JsonValue;
  readonly reason: string;
}

export interface PropertyExplanation {
  readonly property: string;
  readonly expressions: readonly ExpressionExplanation[];
}

export interface LineExplanation {
  /** Every type in its order, up to the one that took the line. */
  readonly types: readonly {
    readonly type: string;
    readonly taken: boolean;
    readonly tests: readonly { readonly test: string; readonly holds: boolean }[];
  }[];
  /** Every event of the type that took it, up to the one that fits. */
  readonly events: readonly { readonly event: string; readonly misfit: string | null }[];
  readonly properties: readonly PropertyExplanation[];
  readonly result: readonly EventRecord[];
}

/** Which type takes a line, what each expression finds in it, and what comes of it. Remembers nothing. */
export function explainLine(types: LogSourceTypes, line: SyslogMessage, origin: LineOrigin): LineExplanation {
  const outer = new LineView(line);
  const reading = readLine(types, line, origin);
  const result = eventsOf(reading, line, origin, () => '00000000-0000-7000-8000-000000000000');
  const asked: LineExplanation['types'][number][] = [];
  for (const type of types.all) {
    const { view } = unwrap(type, outer);
    const tests = type.match.map(({ label, holds }) => ({ test: label, holds: holds(view) }));
    const taken = takes(type, view);
    asked.push({ type: type.definition.name, taken, tests });
    if (!taken) continue;
    view.values = [];
    const events: LineExplanation['events'][number][] = [];
    for (const event of type.events) {
      const misfit = eventMisfit(event, view);
      const why = misfit === undefined ? null : describeMisfit(misfit, event, view);
      events.push({ event: event.mapping.id, misfit: why });
      if (misfit !== undefined) continue;
      return { types: asked, events, properties: explainProperties(event, view), result };
    }
    return { types: asked, events, properties: [], result };
  }
  return { types: asked, events: [], properties: [], result };
}

function explainProperties(event: CompiledEvent, view: LineView): readonly PropertyExplanation[] {
  const shown = new Map<string, CompiledProperty>();
  for (const property of [...event.when.map((one) => one.property), ...event.key, ...event.properties])
    shown.set(property.name, property);
  return [...shown.values()].map((property) => explainProperty(property, view));
}

function explainProperty({ name, expressions }: CompiledProperty, view: LineView): PropertyExplanation {
  let isDone = false;
  return {
    property: name,
    expressions: expressions.map((expression) => {
      const { label, transforms } = expression;
      const steps = [label, ...transforms.map((one) => one.label)].join(' | ');
      if (isDone)
        return { ...NOTHING, expression: steps, result: 'unused', reason: 'an earlier one had hit' };
      const { found, value, failedAt } = traceExpression(expression, view);
      if (value === undefined) {
        const reason = failedAt === undefined ? 'nothing there' : `gave nothing: ${failedAt}`;
        const result = failedAt === undefined ? 'miss' : 'refused';
        return { expression: steps, result, found: found ?? null, value: null, reason };
      }
      isDone = true;
      const problem = fieldProblem(name, value);
      const result = problem === undefined ? 'hit' : 'refused';
      return { expression: steps, result, found: found ?? null, value, reason: problem ?? '' };
    }),
  };
}

const NOTHING = { found: null, value: null } as const;
