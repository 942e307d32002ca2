import { EVENT_CATALOGUE, isEventType } from '#contract/event-catalogue.ts';
import { closestWord } from '#contract/problems.ts';
import type { FieldTable } from './event-view.ts';
import { canonicalField, FIELD_NAMES } from './field-names.ts';
import { compileFieldTest } from './field-test.ts';
import { readModifiers, type Modifiers } from './modifiers.ts';
import { ruleError } from './rule-error.ts';
import { allOf, anyOf, leaf, type TestNode } from './test-node.ts';
import { compileText, type RuleScalar } from './value-test.ts';

/** One search identifier as YAML gives it. */
export type Selection = RuleScalar | readonly Selection[] | SelectionMap;
export interface SelectionMap {
  readonly [key: string]: Selection;
}

/** Compiles a search identifier: a map is AND, a list is OR, bare values are keywords. */
export function compileSelection(selection: Selection, fields: FieldTable, place: string): TestNode {
  if (isList(selection)) {
    if (selection.length === 0) throw emptyList(place);
    return anyOf(selection.map((one) => compileSelection(one, fields, place)));
  }
  if (isMap(selection)) {
    const items = Object.entries(selection);
    if (items.length === 0) throw ruleError(place, 'an empty map matches everything; remove it or fill it');
    return allOf(items.map(([key, value]) => compileItem(key, value, fields, place)));
  }
  return keyword(selection, readModifiers([], place), place);
}

export function isList(selection: Selection): selection is readonly Selection[] {
  return Array.isArray(selection);
}

export function isMap(selection: Selection): selection is SelectionMap {
  return typeof selection === 'object' && selection !== null && !Array.isArray(selection);
}

/** One entry of a map: a field with its modifiers, or keywords when the field's name is empty. */
export function compileItem(key: string, value: Selection, fields: FieldTable, place: string): TestNode {
  const here = `${place}.${key}`;
  const [name = '', ...names] = key.split('|');
  const modifiers = readModifiers(names, here);
  const values = scalarsOf(value, here);
  if (name === '') {
    const tests = values.map((one) => keyword(one, modifiers, here));
    return modifiers.all ? allOf(tests) : anyOf(tests);
  }
  const field = canonicalField(name);
  if (field === undefined)
    throw ruleError(
      here,
      `there is no field "${name}". Fields are ${FIELD_NAMES.join(', ')}, and data.… for what one event type knows`,
    );
  if (isList(value)) {
    if (values.includes(null))
      throw ruleError(here, 'null cannot stand in a list; write a selection of its own');
    if (modifiers.kind === 'exists') throw ruleError(here, '"exists" needs true or false, not a list');
  }
  if (field === 'type') requireEventTypes(values, modifiers, here);
  return compileFieldTest(fields.slot(field), values, modifiers, fields, here);
}

/** An event type that does not exist would make the rule silent. */
function requireEventTypes(values: readonly RuleScalar[], modifiers: Modifiers, place: string): void {
  if (modifiers.kind !== 'text' || modifiers.anchoring !== 'whole') return;
  for (const value of values) {
    const literal = value === null ? undefined : compileText(value, modifiers, place).literal;
    if (literal === undefined || isEventType(literal)) continue;
    const near = closestWord(literal, Object.keys(EVENT_CATALOGUE));
    throw ruleError(
      place,
      `there is no event type "${literal}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    );
  }
}

function scalarsOf(value: Selection, place: string): readonly RuleScalar[] {
  const list = isList(value) ? value : [value];
  if (list.length === 0) throw emptyList(place);
  return list.map((one) => {
    if (typeof one === 'object' && one !== null)
      throw ruleError(place, 'must be a value or a list of values');
    return one;
  });
}

function emptyList(place: string): Error {
  return ruleError(place, 'an empty list matches nothing; remove it or fill it');
}

/** A keyword stands anywhere in the event. */
function keyword(value: RuleScalar, modifiers: Modifiers, place: string): TestNode {
  if (value === null || value === '') throw ruleError(place, 'a keyword needs some text');
  const { kind, anchoring, negated } = modifiers;
  if (kind !== 'text' && kind !== 're')
    throw ruleError(place, `keywords cannot have the modifier "${modifiers.comparison ?? kind}"`);
  if (anchoring === 'startswith' || anchoring === 'endswith')
    throw ruleError(place, `keywords cannot have the modifier "${anchoring}": they stand anywhere`);
  if (negated)
    throw ruleError(place, 'keywords cannot have the modifier "neq"; write "not" into the condition');
  const { lowered, test } = compileText(value, { ...modifiers, anchoring: 'contains' }, place);
  return leaf((view) => (lowered ? view.loweredTexts() : view.texts()).some((text) => test(text)));
}
