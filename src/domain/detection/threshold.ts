import type { FieldTable } from './event-view.ts';
import { canonicalField } from './field-names.ts';
import type { Threshold } from './firing-rule.ts';
import { ruleError, unsupported } from './rule-error.ts';
import type { CorrelationDocument } from './sigma-schema.ts';

type Correlation = CorrelationDocument['correlation'];

const KNOWN_BUT_NOT_YET: ReadonlySet<string> = new Set([
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
]);
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads type, timespan and condition of a correlation. `labels` are the ids of its rules, in order. */
export function compileThreshold(
  correlation: Correlation,
  labels: readonly string[],
  fields: FieldTable,
  place: string,
): Threshold {
  const timespanMs = readTimespan(correlation.timespan, place);
  switch (correlation.type) {
    case 'event_count':
      return { type: 'event_count', timespanMs, atLeast: readMinimum(correlation, [], place) };
    case 'value_count': {
      const minimum = readMinimum(correlation, ['field'], place);
      const name = typeof correlation.condition === 'object' ? correlation.condition['field'] : undefined;
      const field = typeof name === 'string' ? canonicalField(name) : undefined;
      if (field === undefined)
        throw ruleError(place, 'a value_count needs condition.field, the name of a field');
      return { type: 'value_count', timespanMs, atLeast: minimum, fieldSlot: fields.slot(field) };
    }
    case 'temporal':
    case 'temporal_ordered':
      if (correlation.condition !== undefined)
        throw unsupported(
          place,
          `a condition on a ${correlation.type} correlation`,
          'leave it out: all rules must match',
        );
      if (labels.length < 2)
        throw ruleError(place, `a ${correlation.type} correlation needs at least two rules`);
      return { type: correlation.type, timespanMs, labels };
    default:
      if (KNOWN_BUT_NOT_YET.has(correlation.type))
        throw unsupported(place, `correlation type "${correlation.type}"`, 'use event_count or value_count');
      throw ruleError(place, `there is no correlation type "${correlation.type}"`);
  }
}

function readTimespan(text: string, place: string): number {
  const match = /^([1-9]\d{0,6})([smhd])$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ''];
  if (match === null || unitMs === undefined)
    throw ruleError(place, `timespan "${text}" must be a number and s, m, h or d, e.g. 24h`);
  return Number(match[1]) * unitMs;
}

/** The least count that crosses. Conditions that need to wait for what has not come are refused by name. */
function readMinimum(correlation: Correlation, otherKeys: readonly string[], place: string): number {
  const { condition } = correlation;
  if (condition === undefined) throw ruleError(place, 'a condition such as {gte: 3} is missing');
  if (typeof condition === 'string') throw unsupported(place, 'a condition as text', 'write {gte: N}');
  const operators = Object.keys(condition).filter((key) => !otherKeys.includes(key));
  const [operator] = operators;
  if (operator === undefined || operators.length !== 1)
    throw unsupported(place, 'a condition with several operators', 'write exactly one: gte or gt');
  if (operator !== 'gte' && operator !== 'gt')
    throw ['lt', 'lte', 'eq', 'neq'].includes(operator)
      ? unsupported(
          place,
          `condition operator "${operator}", which would have to wait for late events,`,
          'write gte or gt',
        )
      : ruleError(place, `there is no condition operator "${operator}"`);
  const value = condition[operator];
  const number = typeof value === 'number' ? value : Number(value);
  if (!Number.isSafeInteger(number)) throw ruleError(place, `condition.${operator} must be a whole number`);
  const atLeast = operator === 'gt' ? number + 1 : number;
  if (atLeast < 1 || atLeast > 100_000)
    throw ruleError(place, `condition.${operator} must ask for 1 to 100000`);
  return atLeast;
}
