import type { JsonValue } from '#lib/json.ts';
import type { CompiledEvent, CompiledProperty, CompiledType } from './compile-type.ts';
import { evaluate } from './expression.ts';
import type { LineView } from './line-view.ts';
import { textOf } from './transforms.ts';

/** Why an event of a type does not fit a line; undefined when it does. Sets the groups of the view. */
export function eventMisfit(event: CompiledEvent, view: LineView): string | undefined {
  const { starts } = event.mapping;
  if (starts !== undefined && !view.text.startsWith(starts))
    return `does not start with ${JSON.stringify(starts)}`;
  if (event.pattern !== undefined) {
    const groups = event.pattern.groups(view.text);
    if (groups === undefined) return 'the pattern does not match';
    view.groups = groups;
  }
  for (const { property, values } of event.when) {
    const value = readProperty(property, view);
    const text = value === undefined ? undefined : textOf(value);
    if (text === undefined && value === undefined) return `${property.name} is not there`;
    if (values !== undefined && (text === undefined || !values.has(text)))
      return `${property.name} is ${JSON.stringify(text ?? null)}, not ${[...values].join(' or ')}`;
  }
  return undefined;
}

/** The first expression that gives something decides. */
export function readProperty({ expressions }: CompiledProperty, view: LineView): JsonValue | undefined {
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
