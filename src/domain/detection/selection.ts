import { canonicalField, FIELD_NAMES } from './field-names.ts';
import { type FieldTable, scalarText } from './event-view.ts';
import { readModifiers, type Modifiers } from './modifiers.ts';
import { ruleError } from './rule-error.ts';
import { allOf, anyOf, leaf, negation, type TestNode } from './test-node.ts';
import {
  compileComparison,
  compileText,
  dashVariants,
  elements,
  textTestOf,
  type RuleScalar,
} from './value-test.ts';

/** One search identifier as YAML gives it. */
export type Selection = RuleScalar | readonly Selection[] | { readonly [key: string]: Selection };

/** Compiles a search identifier: a map is AND, a list is OR, bare values are keywords. */
export function compileSelection(selection: Selection, fields: FieldTable, place: string): TestNode {
  if (Array.isArray(selection)) {
    if (selection.length === 0) throw ruleError(place, 'an empty list matches nothing; remove it or fill it');
    return anyOf((selection as readonly Selection[]).map((one) => compileSelection(one, fields, place)));
  }
  if (isMap(selection)) {
    const items = Object.entries(selection);
    if (items.length === 0) throw ruleError(place, 'an empty map matches everything; remove it or fill it');
    return allOf(items.map(([key, value]) => compileItem(key, value, fields, `${place}.${key}`)));
  }
  return keyword(selection as RuleScalar, readModifiers([], place), place);
}

function isMap(selection: Selection): selection is { readonly [key: string]: Selection } {
  return typeof selection === 'object' && selection !== null && !Array.isArray(selection);
}

function compileItem(key: string, value: Selection, fields: FieldTable, place: string): TestNode {
  const [name = '', ...names] = key.split('|');
  const modifiers = readModifiers(names, place);
  const values = scalarsOf(value, place);
  if (name === '') {
    const tests = values.map((one) => keyword(one, modifiers, place));
    return modifiers.all ? allOf(tests) : anyOf(tests);
  }
  const field = canonicalField(name);
  if (field === undefined)
    throw ruleError(
      place,
      `there is no field "${name}". Fields are ${FIELD_NAMES.join(', ')}, and data.… for what one event type knows`,
    );
  const slot = fields.slot(field);
  if (Array.isArray(value) && values.includes(null))
    throw ruleError(place, 'null cannot stand in a list; write a selection of its own');
  const node = combine(values, modifiers, slot, fields, place);
  return modifiers.negated ? negation(node) : node;
}

function scalarsOf(value: Selection, place: string): readonly RuleScalar[] {
  const list = Array.isArray(value) ? (value as readonly Selection[]) : [value];
  if (list.length === 0) throw ruleError(place, 'an empty list matches nothing; remove it or fill it');
  return list.map((one) => {
    if (typeof one === 'object' && one !== null)
      throw ruleError(place, 'must be a value or a list of values');
    return one;
  });
}

function combine(
  values: readonly RuleScalar[],
  modifiers: Modifiers,
  slot: number,
  fields: FieldTable,
  place: string,
): TestNode {
  const exact = modifiers.all ? undefined : exactValues(values, modifiers, place);
  if (exact !== undefined) return oneOf(slot, exact);
  const nodes = values.map((value) => compileValue(value, modifiers, slot, fields, place));
  return modifiers.all ? allOf(nodes) : anyOf(nodes);
}

/** The lowered texts, when every value is a plain text without wildcards. */
function exactValues(
  values: readonly RuleScalar[],
  modifiers: Modifiers,
  place: string,
): Set<string> | undefined {
  if (modifiers.kind !== 'text' || modifiers.cased || modifiers.windash) return undefined;
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
  return leaf(
    (view) => {
      const text = view.lower(slot);
      if (text !== undefined) return texts.has(text);
      return elements(view, slot).some((one) => {
        const element = scalarText(one);
        return element !== undefined && texts.has(element.toLowerCase());
      });
    },
    slot,
    { whole: true, texts },
  );
}

function compileValue(
  value: RuleScalar,
  modifiers: Modifiers,
  slot: number,
  fields: FieldTable,
  place: string,
): TestNode {
  switch (modifiers.kind) {
    case 'exists': {
      if (typeof value !== 'boolean') throw ruleError(place, '"exists" needs true or false');
      return leaf((view) => (view.value(slot) !== undefined) === value);
    }
    case 'compare': {
      if (modifiers.comparison === null) throw ruleError(place, 'a comparison is missing');
      const test = compileComparison(modifiers.comparison, value, place);
      return leaf((view) => {
        const actual = view.value(slot);
        return actual !== undefined && (test(actual) || elements(view, slot).some((one) => test(one)));
      });
    }
    case 'fieldref':
      return compileFieldReference(value, modifiers, slot, fields, place);
    case 'text':
    case 're':
    case 'cidr': {
      if (value === null) return leaf((view) => (view.value(slot) ?? null) === null);
      const variants = modifiers.windash ? dashVariants(value) : [value];
      return anyOf(
        variants.map((one) => {
          const test = compileText(one, modifiers, place);
          return leaf(textTestOf(slot, test), slot, test.witness);
        }),
      );
    }
    default:
      return modifiers.kind satisfies never;
  }
}

function compileFieldReference(
  value: RuleScalar,
  modifiers: Modifiers,
  slot: number,
  fields: FieldTable,
  place: string,
): TestNode {
  const field = typeof value === 'string' ? canonicalField(value) : undefined;
  if (field === undefined) throw ruleError(place, '"fieldref" needs the name of a field');
  const other = fields.slot(field);
  const { anchoring, cased } = modifiers;
  return leaf((view) => {
    const left = cased ? view.text(slot) : view.lower(slot);
    const right = cased ? view.text(other) : view.lower(other);
    if (left === undefined || right === undefined) return false;
    if (anchoring === 'contains') return left.includes(right);
    if (anchoring === 'startswith') return left.startsWith(right);
    return anchoring === 'endswith' ? left.endsWith(right) : left === right;
  });
}

/** A keyword stands anywhere in the event. */
function keyword(value: RuleScalar, modifiers: Modifiers, place: string): TestNode {
  if (value === null) throw ruleError(place, 'null is not a keyword');
  if (modifiers.kind !== 'text' && modifiers.kind !== 're')
    throw ruleError(place, `keywords cannot have the modifier "${modifiers.kind}"`);
  const { lowered, test } = compileText(value, { ...modifiers, anchoring: 'contains' }, place);
  return leaf((view) => (lowered ? view.loweredTexts() : view.texts()).some((text) => test(text)));
}
