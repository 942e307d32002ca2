import type { FieldTable } from './event-view.ts';
import { canonicalField } from './field-names.ts';
import type { EntityField, KeyPart } from './firing-rule.ts';
import { ruleError } from './rule-error.ts';
import type { CorrelationDocument } from './sigma-schema.ts';

/** Grouping by one field: for detections that fire by themselves. */
export function keyOfEntity(entity: EntityField, fields: FieldTable): readonly KeyPart[] {
  const slot = fields.slot(entity);
  return [{ name: entity, field: entity, kind: entity, slotFor: () => slot }];
}

/**
 * Reads `group-by` and `aliases`.
 * @param idOf the id of a rule by the name under which the correlation knows it
 */
export function compileKey(
  correlation: CorrelationDocument['correlation'],
  idOf: (name: string) => string,
  fields: FieldTable,
  place: string,
): readonly KeyPart[] {
  const names = correlation['group-by'] ?? [];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw ruleError(place, `group-by names "${twice}" twice`);
  const unused = Object.keys(correlation.aliases).find((name) => !names.includes(name));
  if (unused !== undefined)
    throw ruleError(place, `alias "${unused}" is not among the group-by fields, so it would do nothing`);
  return names.map((name) => {
    if (Object.hasOwn(correlation.aliases, name)) return readAlias(name, correlation, idOf, fields, place);
    const field = requireField(name, place);
    const slot = fields.slot(field);
    return { name, field, kind: kindOf(field), slotFor: () => slot };
  });
}

/**
 * Who the offenses of a rule are about. It must be one of the grouping fields: then each key is about exactly
 * one of them, and what ends an episode is clear.
 */
export function chooseEntity(
  key: readonly KeyPart[],
  wanted: EntityField | undefined,
  place: string,
): { readonly entity: EntityField; readonly entityPart: number } {
  const entity = wanted ?? (key.some((part) => part.field === 'user') ? 'user' : key[0]?.field);
  if (!isEntityField(entity))
    throw ruleError(
      place,
      'portcullis.entity (user, address, asset or source) must say who an offense is about',
    );
  const entityPart = key.findIndex((part) => part.field === entity);
  if (entityPart === -1) throw ruleError(place, `the entity "${entity}" must be one of the group-by fields`);
  return { entity, entityPart };
}

/** One grouping field that is called differently in the events of each rule. */
function readAlias(
  name: string,
  correlation: CorrelationDocument['correlation'],
  idOf: (name: string) => string,
  fields: FieldTable,
  place: string,
): KeyPart {
  const byLabel = new Map(
    Object.entries(correlation.aliases[name] ?? {}).map(
      ([rule, field]) => [idOf(rule), requireField(field, place)] as const,
    ),
  );
  const labels = new Set(correlation.rules.map((rule) => idOf(rule)));
  for (const rule of Object.keys(correlation.aliases[name] ?? {}))
    if (!labels.has(idOf(rule)))
      throw ruleError(place, `alias "${name}" names the rule "${rule}", which is not correlated`);
  for (const rule of correlation.rules)
    if (!byLabel.has(idOf(rule)))
      throw ruleError(place, `alias "${name}" has no field for the rule "${rule}"`);
  const targets = new Set(byLabel.values());
  if (targets.has('user') && targets.size > 1)
    throw ruleError(
      place,
      `alias "${name}" mixes user with another field: who was authenticated is not what was typed`,
    );
  if (name === 'user' && !targets.has('user'))
    throw ruleError(place, 'an alias called "user" must stand for the field user: a typed name is nobody');
  const [only = name] = targets;
  // An alias called "address" says what its fields are; any other is the field that it stands for everywhere.
  const field = isEntityField(name) || targets.size > 1 ? name : only;
  return { name, field, kind: kindOf(field), slotFor: (label) => fields.slot(byLabel.get(label) ?? only) };
}

function kindOf(field: string): KeyPart['kind'] {
  return isEntityField(field) ? field : 'text';
}

function isEntityField(name: string | undefined): name is EntityField {
  return name === 'user' || name === 'address' || name === 'asset' || name === 'source';
}

function requireField(name: string, place: string): string {
  const field = canonicalField(name);
  if (field === undefined) throw ruleError(place, `there is no field "${name}"`);
  return field;
}
