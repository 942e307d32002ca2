import type { Expression } from '#contract/log-source-type.ts';
import type { JsonValue } from '#lib/json.ts';
import { isKeepable, parsePointer, readPointer } from './json-object.ts';
import type { LineView } from './line-view.ts';
import { readPair } from './key-value.ts';
import { compilePattern } from './pattern.ts';
import { mapTransform, TRANSFORM_OF, type Transform } from './transforms.ts';

export interface CompiledExpression {
  /** As the file has it, for people. */
  readonly label: string;
  /** What stands in the line; undefined when nothing does. */
  readonly read: (view: LineView) => JsonValue | undefined;
  readonly transforms: readonly { readonly label: string; readonly apply: Transform }[];
}

/** @param report called with what is wrong, and under which key of the expression */
export function compileExpression(
  written: Expression,
  report: (key: string, message: string) => void,
): CompiledExpression {
  return {
    ...compileSource(written, report),
    transforms: written.transform.map((one) =>
      typeof one === 'string'
        ? { label: one, apply: TRANSFORM_OF[one] }
        : { label: 'map', apply: mapTransform(one.map) },
    ),
  };
}

function compileSource(
  written: Expression,
  report: (key: string, message: string) => void,
): Pick<CompiledExpression, 'label' | 'read'> {
  const { json, pattern, pair, header, structured, group, value } = written;
  if (json !== undefined) {
    const keys = parsePointer(json);
    if (keys === undefined)
      report('json', `"${json}" is no JSON pointer such as /user/name or /"user"/"name"`);
    return {
      label: `json ${json}`,
      read: ({ json: root }) => (root === null ? undefined : readPointer(root, keys ?? [])),
    };
  }
  if (pattern !== undefined) {
    const compiled = compilePattern(pattern);
    if ('problem' in compiled) {
      report('pattern', compiled.problem);
      return { label: `pattern ${pattern}`, read: () => undefined };
    }
    return { label: `pattern ${pattern}`, read: ({ text }) => compiled.first(text) };
  }
  if (pair !== undefined) return { label: `pair ${pair}`, read: ({ text }) => readPair(text, pair) };
  if (header !== undefined) {
    const read = HEADERS[header];
    return { label: `header ${header}`, read: (view) => read(view) ?? undefined };
  }
  if (structured !== undefined) {
    const [element = '', parameter = ''] = structured.split('/');
    return {
      label: `structured ${structured}`,
      read: ({ line }) => line.structuredData?.get(element)?.get(parameter),
    };
  }
  if (group !== undefined) return { label: `group ${group}`, read: ({ groups }) => groups.get(group) };
  return { label: `value ${String(value)}`, read: () => value };
}

const HEADERS: Readonly<
  Record<NonNullable<Expression['header']>, (view: LineView) => JsonValue | undefined>
> = {
  host: ({ line }) => line.hostname,
  app: ({ app }) => app,
  process: ({ line }) => line.procId,
  'message-id': ({ line }) => line.msgId,
  facility: ({ line }) => line.facility,
  severity: ({ line }) => line.severity,
  sender: ({ line }) => line.peer.address,
  time: ({ line }) => line.timeMs,
  text: ({ text }) => text,
};

/** What an expression gives; undefined for no hit. */
export function evaluate({ read, transforms }: CompiledExpression, view: LineView): JsonValue | undefined {
  let value = read(view);
  for (const { apply } of transforms) {
    if (isNothing(value)) return undefined;
    value = apply(value);
  }
  return isNothing(value) || !isPlain(value) ? undefined : value;
}

/** What came of one expression, step by step. */
export interface ExpressionResult {
  readonly found: JsonValue | undefined;
  readonly value: JsonValue | undefined;
  /** The transform that gave nothing, when there was something before. */
  readonly failedAt: string | undefined;
}

/** As `evaluate`, for people. */
export function traceExpression(expression: CompiledExpression, view: LineView): ExpressionResult {
  const found = expression.read(view);
  if (isNothing(found)) return { found: undefined, value: undefined, failedAt: undefined };
  let value: JsonValue = found;
  for (const { label, apply } of expression.transforms) {
    const next = apply(value);
    if (isNothing(next)) return { found, value: undefined, failedAt: label };
    value = next;
  }
  if (!isPlain(value))
    return { found, value: undefined, failedAt: 'too large to keep, or no number that can be written' };
  return { found, value, failedAt: undefined };
}

/** Texts and truth values are kept as they are; the others are looked at. */
function isPlain(value: JsonValue): boolean {
  return typeof value === 'string' || typeof value === 'boolean' || isKeepable(value);
}

/** Null and the empty text say nothing, so the next expression is tried. */
function isNothing(value: JsonValue | undefined): value is null | undefined | '' {
  return value === undefined || value === null || value === '';
}
