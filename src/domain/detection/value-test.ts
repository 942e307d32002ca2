import { RE2JS, RE2JSSyntaxException } from 're2js';
import { parseIpAddress, parseIpRange, rangeContains } from '#lib/ip.ts';
import type { JsonValue } from '#lib/json.ts';
import { isIndexable } from './literal-automaton.ts';
import type { Comparison, Modifiers } from './modifiers.ts';
import { ruleError } from './rule-error.ts';
import {
  anchor,
  compileSigmaString,
  literalOf,
  parseSigmaString,
  withAnyDash,
  type TextTest,
} from './sigma-string.ts';
import { requiredLiteral } from './regex-literal.ts';
import type { Witness } from './test-node.ts';

/** A value as a rule file has it. */
export type RuleScalar = string | number | boolean | null;

/** A text test for one value of a rule; `lowered` says which form of the event's text it wants. */
export interface ValueTest {
  readonly lowered: boolean;
  readonly test: TextTest;
  /** The exact text (in the wanted form), when nothing else can match. */
  readonly literal: string | undefined;
  /** What the event's text must contain in any case. */
  readonly witness: Witness | undefined;
}

/** Compiles a value that is compared as text: with wildcards, as a regular expression, or as a range. */
export function compileText(
  value: Exclude<RuleScalar, null>,
  modifiers: Modifiers,
  place: string,
): ValueTest {
  const text = String(value);
  if (modifiers.kind === 're') {
    const test = compileRegex(text, modifiers.flags, place);
    // Without regard to case, RE2 takes U+017F for an s, which lowering does not.
    const isCaseless = modifiers.flags.includes('i') || /\(\?[a-zA-Z]*i/.test(text);
    const literal = requiredLiteral(text) ?? '';
    const witness = witnessOf(isCaseless ? literal.split('s') : [literal]);
    return { lowered: false, test, literal: undefined, witness };
  }
  if (modifiers.kind === 'cidr')
    return { lowered: true, test: compileCidr(text, place), literal: undefined, witness: undefined };
  const form = modifiers.cased ? text : text.toLowerCase();
  const written = parseSigmaString(form);
  const parsed = anchor(modifiers.windash ? withAnyDash(written) : written, modifiers.anchoring);
  const runs = parsed.filter((part) => typeof part === 'string');
  return {
    lowered: !modifiers.cased,
    test: compileSigmaString(parsed),
    literal: literalOf(parsed),
    witness: witnessOf(runs),
  };
}

/** The longest of the runs, all of which the event's text must contain. */
function witnessOf(runs: readonly string[]): Witness | undefined {
  const longest = runs.reduce((left, right) => (right.length > left.length ? right : left), '').toLowerCase();
  return isIndexable(longest) ? { whole: false, texts: new Set([longest]) } : undefined;
}

/** Regular expressions run in linear time (RE2 syntax), search anywhere, and are case-sensitive. */
function compileRegex(pattern: string, flags: string, place: string): TextTest {
  const bits =
    (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.includes('m') ? RE2JS.MULTILINE : 0) |
    (flags.includes('s') ? RE2JS.DOTALL : 0);
  try {
    const compiled = RE2JS.compile(pattern, bits);
    return (text) => compiled.test(text);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException)
      throw ruleError(place, `"${pattern}" is not a regular expression in RE2 syntax: ${error.message}`);
    throw error;
  }
}

function compileCidr(text: string, place: string): TextTest {
  const range = text.includes('/') ? parseIpRange(text) : undefined;
  if (range === undefined) throw ruleError(place, `"${text}" is not a CIDR range such as 10.0.0.0/8`);
  return (value) => {
    const address = parseIpAddress(value);
    return address !== undefined && rangeContains(range, address);
  };
}

export function compileComparison(
  comparison: Comparison,
  value: RuleScalar,
  place: string,
): (value: JsonValue) => boolean {
  const limit = numberOf(value);
  if (limit === undefined) throw ruleError(place, `"${comparison}" needs a number`);
  const holds = COMPARISONS[comparison];
  return (actual) => {
    const number = numberOf(actual);
    return number !== undefined && holds(number, limit);
  };
}

const COMPARISONS: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  lt: (left, right) => left < right,
  lte: (left, right) => left <= right,
  gt: (left, right) => left > right,
  gte: (left, right) => left >= right,
};

/** A number, or a text that writes one in decimal. */
function numberOf(value: JsonValue): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || !/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(value)) return undefined;
  return Number(value);
}
