import type { FieldTable } from './event-view.ts';
import { canonicalField } from './field-names.ts';
import type { Part, Threshold } from './firing-rule.ts';
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

const KEYS: ReadonlySet<string> = new Set([
  'type',
  'rules',
  'group-by',
  'timespan',
  'condition',
  'aliases',
  'generate',
]);

/** Reads type, timespan and condition of a correlation. `parts` are its rules, in order. */
export function compileThreshold(
  correlation: Correlation,
  parts: readonly Part[],
  fields: FieldTable,
  place: string,
): Threshold {
  const unknown = Object.keys(correlation).find((key) => !KEYS.has(key));
  if (unknown !== undefined)
    throw unsupported(place, `"${unknown}" in a correlation`, `use ${[...KEYS].join(', ')}`);
  const timespanMs = readTimespan(correlation.timespan, place);
  switch (correlation.type) {
    case 'event_count':
      requireNoCounts(correlation, parts, place);
      return { type: 'event_count', timespanMs, atLeast: readMinimum(correlation, [], place) };
    case 'value_count':
      requireNoCounts(correlation, parts, place);
      return {
        type: 'value_count',
        timespanMs,
        atLeast: readMinimum(correlation, ['field'], place),
        fieldSlot: fields.slot(readField(correlation, place)),
      };
    case 'temporal':
    case 'temporal_ordered': {
      if (parts.length < 2)
        throw ruleError(place, `a ${correlation.type} correlation needs at least two rules`);
      const atLeast = readPartsWanted(correlation, parts.length, place);
      if (correlation.type === 'temporal') return { type: 'temporal', timespanMs, parts, atLeast };
      if (atLeast !== parts.length)
        throw unsupported(place, 'a temporal_ordered correlation of some of its rules', 'ask for all');
      return { type: 'temporal_ordered', timespanMs, parts };
    }
    default:
      if (KNOWN_BUT_NOT_YET.has(correlation.type))
        throw unsupported(place, `correlation type "${correlation.type}"`, 'use event_count or value_count');
      throw ruleError(place, `there is no correlation type "${correlation.type}"`);
  }
}

function requireNoCounts({ type }: Correlation, parts: readonly Part[], place: string): void {
  const counted = parts.find((part) => part.count !== null);
  if (counted !== undefined)
    throw unsupported(
      place,
      `a correlation of type ${type} over the correlation "${counted.label}"`,
      'name detections, or use temporal or temporal_ordered',
    );
}

function readField({ condition }: Correlation, place: string): string {
  const name = typeof condition === 'object' ? condition['field'] : undefined;
  if (Array.isArray(name))
    throw unsupported(place, 'a value_count over several fields', 'name one field in condition.field');
  const field = typeof name === 'string' ? canonicalField(name) : undefined;
  if (field === undefined) throw ruleError(place, 'a value_count needs condition.field, the name of a field');
  return field;
}

/** How many different parts must be met; without a condition all of them. */
function readPartsWanted(correlation: Correlation, parts: number, place: string): number {
  const { condition } = correlation;
  if (condition === undefined) return parts;
  // No more parts can be met than there are, so this "eq" cannot become less true.
  const isAll = typeof condition === 'object' && Number(condition['eq']) === parts;
  const wanted = isAll && Object.keys(condition).length === 1 ? parts : readMinimum(correlation, [], place);
  if (wanted > parts)
    throw ruleError(place, `the condition asks for ${wanted} rules, but only ${parts} are named`);
  return wanted;
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
