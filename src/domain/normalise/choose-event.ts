import type { JsonValue } from '#lib/json.ts';
import type { CompiledCondition, CompiledEvent, CompiledProperty, CompiledType } from './compile-type.ts';
import { evaluate } from './expression.ts';
import { NOT_THERE, type LineView } from './line-view.ts';
import { textOf } from './transforms.ts';

/** What of an event of a type does not fit a line. */
export type Misfit = 'starts' | 'pattern' | CompiledCondition;

/** What does not fit first; undefined when the event fits the line. Sets the groups of the view. */
export function eventMisfit(event: CompiledEvent, view: LineView): Misfit | undefined {
  const { starts } = event.mapping;
  if (starts !== undefined && !view.text.startsWith(starts)) return 'starts';
  if (event.pattern !== undefined) {
    const groups = event.pattern.groups(view.text);
    if (groups === undefined) return 'pattern';
    view.groups = groups;
  }
  for (const condition of event.when) {
    const value = readProperty(condition.property, view);
    if (value === undefined) return condition;
    if (condition.values === undefined) continue;
    const text = textOf(value);
    if (text === undefined || !condition.values.has(text)) return condition;
  }
  return undefined;
}

/** Why an event does not fit, for people. */
export function describeMisfit(misfit: Misfit, event: CompiledEvent, view: LineView): string {
  if (misfit === 'starts') return `does not start with ${JSON.stringify(event.mapping.starts)}`;
  if (misfit === 'pattern') return 'the pattern does not match';
  const { property, values } = misfit;
  const value = readProperty(property, view);
  if (value === undefined) return `${property.name} is not there`;
  return `${property.name} is ${JSON.stringify(textOf(value) ?? null)}, not ${[...(values ?? [])].join(' or ')}`;
}

/** The first expression that gives something decides. What all events of a type share is read once a line. */
export function readProperty(property: CompiledProperty, view: LineView): JsonValue | undefined {
  const { slot } = property;
  if (slot === undefined) return firstValue(property, view);
  const before = view.values[slot];
  if (before !== undefined) return before === NOT_THERE ? undefined : before;
  const value = firstValue(property, view);
  view.values[slot] = value ?? NOT_THERE;
  return value;
}

function firstValue({ expressions }: CompiledProperty, view: LineView): JsonValue | undefined {
  for (const expression of expressions) {
    const value = evaluate(expression, view);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function takes(type: CompiledType, view: LineView): boolean {
  return type.match.every(({ holds }) => holds(view));
}

/** More repetitions than this count as this many: one line must not make a flood. */
export const MAX_REPEATS = 100;

/** What a wrapper such as "message repeated 3 times" holds, and how often. */
export function unwrap(
  type: CompiledType,
  view: LineView,
): { readonly view: LineView; readonly count: number } {
  const groups = type.unwrap?.groups(view.text);
  const text = groups?.get('text');
  if (groups === undefined || text === undefined) return { view, count: 1 };
  return { view: view.unwrapped(text), count: clampCount(Number(groups.get('count') ?? 1)) };
}

export function clampCount(count: number): number {
  return Number.isFinite(count) ? Math.min(MAX_REPEATS, Math.max(1, Math.trunc(count))) : 1;
}
