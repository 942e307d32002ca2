import type { JsonValue } from '#lib/json.ts';
import { type EventView, type FieldTable, scalarText } from './event-view.ts';
import { canonicalField } from './field-names.ts';
import type { Modifiers } from './modifiers.ts';
import { ruleError } from './rule-error.ts';
import { allOf, anyOf, leaf, negation, type TestNode } from './test-node.ts';
import { compileComparison, compileText, type RuleScalar } from './value-test.ts';

/** The test that one field has the values, as the modifiers ask for it. */
export function compileFieldTest(
  slot: number,
  values: readonly RuleScalar[],
  modifiers: Modifiers,
  fields: FieldTable,
  place: string,
): TestNode {
  const exact = modifiers.all ? undefined : exactTexts(values, modifiers, place);
  if (exact !== undefined) return maybeNot(oneOf(slot, exact), modifiers);
  const nodes = values.map((value) => compileValue(slot, value, modifiers, fields, place));
  return maybeNot(modifiers.all ? allOf(nodes) : anyOf(nodes), modifiers);
}

function maybeNot(node: TestNode, { negated }: Modifiers): TestNode {
  return negated ? negation(node) : node;
}

/** The lowered texts, when every value is a plain text without wildcards. */
function exactTexts(
  values: readonly RuleScalar[],
  modifiers: Modifiers,
  place: string,
): ReadonlySet<string> | undefined {
  if (modifiers.kind !== 'text' || modifiers.cased) return undefined;
  const texts = new Set<string>();
  for (const value of values) {
    if (value === null) return undefined;
    const { literal } = compileText(value, modifiers, place);
    if (literal === undefined) return undefined;
    texts.add(literal);
  }
  return texts;
}

function oneOf(slot: number, texts: ReadonlySet<string>): TestNode {
  return leaf((view) => someText(view, slot, true, (text) => texts.has(text)), slot, { whole: true, texts });
}

function compileValue(
  slot: number,
  value: RuleScalar,
  modifiers: Modifiers,
  fields: FieldTable,
  place: string,
): TestNode {
  switch (modifiers.kind) {
    case 'exists':
      if (typeof value !== 'boolean') throw ruleError(place, '"exists" needs true or false');
      return leaf((view) => (view.value(slot) !== undefined) === value);
    case 'compare': {
      const test = compileComparison(modifiers.comparison ?? 'gte', value, place);
      return leaf((view) => {
        const actual = view.value(slot);
        return actual !== undefined && (test(actual) || elements(view, slot).some((one) => test(one)));
      });
    }
    case 'fieldref':
      return compileFieldReference(slot, value, modifiers, fields, place);
    case 'text':
    case 're':
    case 'cidr': {
      if (value === null) return compileNull(slot, modifiers, place);
      const { lowered, test, witness } = compileText(value, modifiers, place);
      return leaf((view) => someText(view, slot, lowered, test), slot, witness);
    }
    default:
      return modifiers.kind satisfies never;
  }
}

/** Null is a field that is not there, or says that it knows nothing. */
function compileNull(slot: number, modifiers: Modifiers, place: string): TestNode {
  const { kind, anchoring, cased, windash } = modifiers;
  if (kind !== 'text' || anchoring !== 'whole' || cased || windash)
    throw ruleError(place, 'null can only be combined with "neq"');
  return leaf((view) => (view.value(slot) ?? null) === null);
}

function compileFieldReference(
  slot: number,
  value: RuleScalar,
  modifiers: Modifiers,
  fields: FieldTable,
  place: string,
): TestNode {
  const name = typeof value === 'string' ? value : '';
  const field = canonicalField(name);
  if (field === undefined) throw ruleError(place, `"fieldref" needs the name of a field, not "${name}"`);
  const other = fields.slot(field);
  const { anchoring, cased } = modifiers;
  const compare = (left: string, right: string): boolean =>
    anchoring === 'whole' ? left === right : left[ANCHORED[anchoring]](right);
  return leaf((view) =>
    someText(view, slot, !cased, (left) => someText(view, other, !cased, (right) => compare(left, right))),
  );
}

const ANCHORED = { contains: 'includes', startswith: 'startsWith', endswith: 'endsWith' } as const;

/** True when the field's text passes; for a list in the event, when one element's text does. */
function someText(view: EventView, slot: number, lowered: boolean, test: (text: string) => boolean): boolean {
  const text = lowered ? view.lower(slot) : view.text(slot);
  if (text !== undefined) return test(text);
  return elements(view, slot).some((one) => {
    const element = scalarText(one);
    return element !== undefined && test(lowered ? element.toLowerCase() : element);
  });
}

/** The field's list, or nothing when it is not a list. */
function elements(view: EventView, slot: number): readonly JsonValue[] {
  const value = view.value(slot);
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
